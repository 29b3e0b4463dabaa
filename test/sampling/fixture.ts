import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openSafetensors, type TensorEntry, withReader } from '../../runtime/safetensors/index.ts';
import { isJsonObject } from '../../runtime/safetensors/json.ts';
import type { SamplingOptions } from '../../runtime/sampling/options.ts';

/** One setting of the reference and what it gives for every row of logits. */
export interface FixtureSetting {
  readonly options: Required<Pick<SamplingOptions, 'temperature' | 'topP' | 'topK'>>;
  /** The authors' filtered logits; removed ones are -1e10. */
  readonly authors: readonly Float32Array[];
  readonly authorsProbs: readonly Float32Array[];
  readonly huggingFaceKept: readonly (readonly boolean[])[];
}

export interface SamplingFixture {
  /** Seven rows of 40 logits; the last one is full of exact ties. */
  readonly logits: readonly Float32Array[];
  readonly settings: readonly FixtureSetting[];
}

const ROWS = 7;
const VOCAB = 40;
const folder = new URL('../fixtures/sampling/', import.meta.url);

/** The authors' own numbers for sampling, and an independent account of Hugging Face's filters. */
export async function readFixture(): Promise<SamplingFixture> {
  const combos = await readCombos();
  const { tensors } = await openSafetensors(fileURLToPath(new URL('sampling.safetensors', folder)));
  return withReader(async (reader) => {
    const entry = (name: string): TensorEntry => {
      const found = tensors.get(name);
      if (found === undefined) throw new Error(`The fixture has no tensor ${name}.`);
      return found;
    };
    const floats = async (name: string): Promise<readonly Float32Array[]> => {
      const all = new Float32Array(ROWS * VOCAB);
      await reader.readFloats(entry(name), 0, all);
      return eachRow((from, end) => all.slice(from, end));
    };
    const flags = async (name: string): Promise<readonly (readonly boolean[])[]> => {
      const all = await reader.readIntegers(entry(name));
      return eachRow((from, end) => Array.from(all.slice(from, end), (flag) => flag === 1));
    };
    const settings: FixtureSetting[] = [];
    for (const [n, options] of combos.entries()) {
      const authors = await floats(`authors.${n}`);
      const authorsProbs = await floats(`authors.${n}.probs`);
      settings.push({ options, authors, authorsProbs, huggingFaceKept: await flags(`hf.${n}.keep`) });
    }
    return { logits: await floats('logits'), settings };
  });
}

const eachRow = <Row>(slice: (from: number, end: number) => Row): readonly Row[] =>
  Array.from({ length: ROWS }, (_, row) => slice(row * VOCAB, (row + 1) * VOCAB));

async function readCombos(): Promise<readonly FixtureSetting['options'][]> {
  const parsed: unknown = JSON.parse(await readFile(new URL('sampling.json', folder), 'utf8'));
  if (!isJsonObject(parsed) || !Array.isArray(parsed['combos'])) throw new Error('sampling.json has no combos.');
  return parsed['combos'].map((combo: unknown) => {
    const number = (name: string): number => {
      const value = isJsonObject(combo) ? combo[name] : undefined;
      if (typeof value !== 'number') throw new Error(`A combo of sampling.json has no number ${name}.`);
      return value;
    };
    return { temperature: number('temperature'), topP: number('top_p'), topK: number('top_k') };
  });
}
