import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dense } from '../../compiler/interpret/dense.ts';
import type { ParameterNode } from '../../dsl/node.ts';
import { loadConfig, type PldrConfig } from '../../models/pldr/index.ts';
import { openSafetensors } from '../../runtime/safetensors/open.ts';
import { withReader } from '../../runtime/safetensors/reader.ts';
import type { DagCoefficients } from '../../models/pldr/train/dag-loss.ts';
import { caseFolder } from '../pldr/fixtures.ts';

/** What the authors' code trained with, and what it made of it in double precision. */
export interface TrainingCase {
  readonly config: PldrConfig;
  /** What regularisation counts in the loss, where it does. */
  readonly dag: DagCoefficients | undefined;
  /** Rows of token ids by step. */
  readonly batches: readonly (readonly (readonly number[])[])[];
  /** Initial weights by name. */
  readonly weights: ReadonlyMap<string, Float64Array>;
  /** Logits of the first step [batch, pos, vocab]. */
  readonly logits: Float64Array;
  /** Loss of the first step. */
  readonly loss: number;
  /** Gradients of the first step before clipping, by the weights' names. */
  readonly gradients: ReadonlyMap<string, Float64Array>;
  /** How far the gradients of single precision are from these in the authors' code, at most. */
  readonly spread: number;
}

/** The cases that the authors' code was trained on. */
export const TRAINED = ['v51-small', 'v51G-identity', 'v51-dag'] as const;

interface TrainingJson {
  readonly training: {
    readonly loss_f64_paper: readonly number[];
    readonly grad_max_abs_f32_vs_f64: number;
    /** Coefficients of A_LM, A_P and G. */
    readonly dag?: readonly [number, number, number];
  };
}

export async function openTraining(name: string): Promise<TrainingCase> {
  const folder = caseFolder(name);
  const { training }: TrainingJson = JSON.parse(readFileSync(join(folder, 'oracle.json'), 'utf8'));
  const file = await openSafetensors(join(folder, 'training.safetensors'));
  const gradients = new Map<string, Float64Array>();
  const batches: number[][][] = [];
  let logits: Float64Array = new Float64Array();
  await withReader(async (reader) => {
    for (const [entry, at] of file.tensors) {
      if (entry.startsWith('f64.grad.')) gradients.set(entry.slice('f64.grad.'.length), await reader.readDoubles(at));
      if (entry === 'f64.logits') logits = await reader.readDoubles(at);
      if (entry === 'batches') batches.push(...nested(await reader.readIntegers(at), at.shape));
    }
  });
  const [A_LM, A_P, G] = training.dag ?? [];
  return {
    dag: A_LM === undefined || A_P === undefined || G === undefined ? undefined : { A_LM, A_P, G },
    config: await loadConfig(join(folder, 'config.json')), batches, weights: await weightsOf(folder), logits, gradients,
    loss: training.loss_f64_paper[0], spread: training.grad_max_abs_f32_vs_f64,
  };
}

async function weightsOf(folder: string): Promise<ReadonlyMap<string, Float64Array>> {
  const file = await openSafetensors(join(folder, 'model.safetensors'));
  const weights = new Map<string, Float64Array>();
  await withReader(async (reader) => {
    for (const [name, at] of file.tensors) if (at.dtype !== 'BOOL') weights.set(name, await reader.readDoubles(at));
  });
  return weights;
}

function nested(data: Int32Array, [steps, rows, length]: readonly number[]): number[][][] {
  return Array.from({ length: steps }, (_, s) => Array.from({ length: rows }, (_r, r) =>
    [...data.subarray((s * rows + r) * length, (s * rows + r + 1) * length)]));
}

/** The weights that a graph reads, as the interpreter is given them. */
export const parametersFrom = (
  { weights }: TrainingCase, nodes: readonly ParameterNode[],
): Readonly<Record<string, Dense>> => Object.fromEntries(nodes.map(({ name, axes }) => [name, {
  names: axes.map((a) => a.name), sizes: axes.map((a) => Number(a.size)), data: weights.get(name) ?? new Float64Array(),
}]));
