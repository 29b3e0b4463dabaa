import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSafetensors } from '../../../runtime/safetensors/open.ts';
import { withReader } from '../../../runtime/safetensors/reader.ts';
import { caseFolder } from '../fixtures.ts';

/** A tensor that the authors' code computed in double precision. */
export interface Expected {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** What the authors' code gives for one case. */
export interface Oracle {
  readonly name: string;
  readonly folder: string;
  /** By entry, without the prefix `f64.`; `trace1.*` too, which has no other precision. */
  readonly tensors: ReadonlyMap<string, Expected>;
  /** Matrices of token ids and masks by name, for example `ids1`. */
  readonly inputs: ReadonlyMap<string, readonly (readonly number[])[]>;
  /** Greedy tokens by run; one list for each row where there are several. */
  readonly ids: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** How far single precision is from double in the authors' code, by entry without its layer. */
  readonly spread: Readonly<Record<string, number>>;
}

interface OracleJson {
  readonly greedy: {
    readonly f64: Readonly<Record<string, { readonly ids: readonly number[] | readonly (readonly number[])[] }>>;
  };
  readonly max_abs_f32_vs_f64: Readonly<Record<string, number>>;
}

export async function openOracle(name: string): Promise<Oracle> {
  const folder = caseFolder(name);
  const json: OracleJson = JSON.parse(readFileSync(join(folder, 'oracle.json'), 'utf8'));
  const file = await openSafetensors(join(folder, 'oracle.safetensors'));
  const tensors = new Map<string, Expected>();
  const inputs = new Map<string, readonly (readonly number[])[]>();
  await withReader(async (reader) => {
    for (const [entry, at] of file.tensors) {
      if (/^(f64|trace1)\./.test(entry))
        tensors.set(entry.replace('f64.', ''), { shape: at.shape, data: await reader.readDoubles(at) });
      if (entry.startsWith('inputs.'))
        inputs.set(entry.replace('inputs.', ''), rowsOf(await reader.readIntegers(at), at.shape));
    }
  });
  const ids = Object.entries(json.greedy.f64).map(
    ([run, { ids: list }]) => [run, isNested(list) ? list : [list]] as const,
  );
  return { name, folder, tensors, inputs, ids: Object.fromEntries(ids), spread: json.max_abs_f32_vs_f64 };
}

const isNested = (ids: readonly number[] | readonly (readonly number[])[]): ids is readonly (readonly number[])[] =>
  Array.isArray(ids[0]);

function rowsOf(data: Int32Array, [rows, columns]: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: rows }, (_, r) => [...data.subarray(r * columns, (r + 1) * columns)]);
}

/** Where trace entries, which were not run in single precision, take their tolerance from. */
const TRACE_SPREAD: Readonly<Record<string, string>> = {
  'trace1.h0': 'prefill1.hidden',
  'trace1.h': 'prefill1.hidden',
  'trace1.k_rot': 'greedy1.kv.k',
  'trace1.v': 'greedy1.kv.v',
};

/** The entry of `spread` that an entry is judged by: its own, without the layer. */
export function spreadEntry(entry: string): string {
  const own = entry.replace(/\.layer\d+/, '');
  return TRACE_SPREAD[own] ?? own;
}

/** Ten times the authors' own difference between the precisions, and 1e-6. */
export function tolerance(oracle: Oracle, entry: string): number {
  const spread = oracle.spread[spreadEntry(entry)];
  if (spread === undefined) throw new Error(`${oracle.name}: no spread for ${entry}`);
  return 10 * spread + 1e-6;
}
