import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countParameters } from 'ricci/pldr';
import type { MetricRow } from 'ricci/train';
import type { AblationConfig } from './config.ts';
import type { Run } from './plan.ts';
import type { Studied } from './study.ts';

/** What came of a run. */
export interface RunResult {
  readonly run: Run;
  /** Weights that were trained. */
  readonly parameters: number;
  /** What its log has, by rising step: losses in nats. */
  readonly rows: readonly MetricRow[];
  /** By rising step, from the first weights on. */
  readonly states: readonly Studied[];
}

export interface CellResult {
  readonly peak: number;
  readonly warmup: number;
  readonly result: RunResult;
}

/** All that a report tells. */
export interface Results {
  readonly config: AblationConfig;
  readonly device: string;
  readonly runs: readonly RunResult[];
  readonly sweep: readonly CellResult[];
}

export async function resultOf(run: Run, states: readonly Studied[]): Promise<RunResult> {
  const text = await readFile(join(run.folder, 'log.jsonl'), 'utf8');
  const rows = text.trimEnd().split('\n').map((line): MetricRow => JSON.parse(line));
  return { run, parameters: countParameters(run.model, run.variant), rows, states };
}

/** A validation. */
export interface Validated {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

export const validations = ({ rows }: RunResult): readonly Validated[] => rows.flatMap(
  ({ step, validationLoss: loss, validationAccuracy: accuracy }) =>
    (loss === undefined || accuracy === undefined ? [] : [{ step, loss, accuracy }]));

/** The validation with the lowest loss. */
export const bestOf = (result: RunResult): Validated | undefined =>
  validations(result).toSorted((a, b) => a.loss - b.loss).at(0);

/** Whether texts move its operator: it is no part of the model. */
export const isDeduced = ({ states }: RunResult): boolean => states.some(({ change }) => change.G_LM.most > 0);

/** The state that a run ended in. */
export const lastState = ({ states }: RunResult): Studied => states[states.length - 1];
