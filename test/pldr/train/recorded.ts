import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSafetensors } from '../../../runtime/safetensors/open.ts';
import { withReader } from '../../../runtime/safetensors/reader.ts';
import { caseFolder } from '../fixtures.ts';

/** The reference cases that the authors' code was trained on. */
export const TRAINED = ['v51-small', 'v51-dag', 'v51G-identity'] as const;

/** What the authors' code gives for a few steps of training. */
export interface Recorded {
  /** Tensors of `training.safetensors` by name, numbers in double precision. */
  readonly tensors: ReadonlyMap<string, Float64Array>;
  readonly settings: {
    readonly lr: number;
    /** How far single precision is from double after three steps. */
    readonly param_max_abs_f32_vs_f64_paper_step3: number;
  };
}

export async function openRecorded(name: string): Promise<Recorded> {
  const folder = caseFolder(name);
  const json: { readonly training: Recorded['settings'] } =
    JSON.parse(readFileSync(join(folder, 'oracle.json'), 'utf8'));
  const file = await openSafetensors(join(folder, 'training.safetensors'));
  const tensors = new Map<string, Float64Array>();
  await withReader(async (reader) => {
    for (const [entry, at] of file.tensors) {
      if (entry.startsWith('f64.')) tensors.set(entry.slice('f64.'.length), await reader.readDoubles(at));
    }
  });
  return { tensors, settings: json.training };
}
