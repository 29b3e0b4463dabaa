import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { forward, type PldrModel } from '../../../models/pldr/index.ts';
import { openSafetensors } from '../../../runtime/safetensors/open.ts';
import { withReader } from '../../../runtime/safetensors/reader.ts';
import { FIXTURES } from '../fixtures.ts';

/*
 * What the authors' code, in double precision, gives for the bundled checkpoint (test/fixtures/shakespeare; subset.mjs
 * there says what is kept).
 */

export const CHECKPOINT = fileURLToPath(new URL('../../../checkpoints/pldr-v51-shakespeare', import.meta.url));

interface Prompt {
  readonly prompt: string;
  readonly ids: readonly number[];
  /** By mode: the tokens after the prompt, and prompt and tokens as text. */
  readonly greedy: Readonly<Record<'none' | 'kvg', { readonly ids: readonly number[]; readonly text: string }>>;
  /** Of what the prompt deduces, by precision. */
  readonly operators: Readonly<Record<'f64' | 'f32', PromptOperators>>;
}

/** By tensor: A, A_LM, A_P, G_LM. */
interface PromptOperators {
  readonly rmse_between_heads: Readonly<Record<string, number>>;
  readonly log10_max_abs_det: Readonly<Record<string, number>>;
}

interface OracleJson {
  readonly prompts: readonly Prompt[];
  readonly max_abs_f32_vs_f64: Readonly<Record<string, number>>;
  /** Mean negative log probability over the windows. */
  readonly windows_nll: number;
  /** Of G of all layers, from the first prompt's to each prompt's. */
  readonly G_relative_change_vs_prompt0: readonly number[];
}

interface Expected {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

const folder = join(FIXTURES, 'shakespeare');

export const ORACLE: OracleJson = JSON.parse(readFileSync(join(folder, 'oracle.json'), 'utf8'));

/** The prompts with their numbers, which name their tensors. */
export const PROMPTS = ORACLE.prompts.map((p, n) => ({ ...p, n }));

const tensors: ReadonlyMap<string, Expected> = await readTensors();

async function readTensors(): Promise<ReadonlyMap<string, Expected>> {
  const file = await openSafetensors(join(folder, 'oracle.safetensors'));
  return withReader(
    async (reader) =>
      new Map(
        await Promise.all(
          [...file.tensors].map(async ([name, entry]) => {
            const data = entry.dtype === 'I64' ? await reader.readIntegers(entry) : await reader.readDoubles(entry);
            return [name, { shape: entry.shape, data }] as const;
          }),
        ),
      ),
  );
}

export const hasTensor = (name: string): boolean => tensors.has(name);

export const tensor = (name: string): Expected => tensors.get(name) ?? expect.unreachable(`the oracle has no ${name}`);

export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from({ length: b.length }, (_, i) => Math.abs(a[i] - b[i])).reduce(
    (most, d) => (d <= most ? most : d),
    0,
  );
}

/** The first numbers of a tensor within ten times what single precision costs the authors' code, and 1e-6. */
export function expectWithin(got: ArrayLike<number>, name: string): void {
  const expected = Array.from(tensor(name).data).slice(0, got.length);
  expect(difference(got, expected), name).toBeLessThanOrEqual(10 * ORACLE.max_abs_f32_vs_f64[name] + 1e-6);
}

/** G of every layer for one text. The oracle has none of single precision to take a tolerance from. */
export async function expectG(model: PldrModel, text: readonly number[], name: string): Promise<void> {
  const { tensors: got } = await forward(model, { rows: [text] }, { deductive: true });
  const layers = Array.from({ length: model.config.layers }, (_, i) => [...got[`prefill.layer${i}.G_LM`].data]);
  const { data } = tensor(name);
  const scale = Array.from(data, Math.abs).reduce((most, v) => Math.max(most, v), 0);
  expect(difference(layers.flat(), data) / scale, name).toBeLessThanOrEqual(1e-4);
}
