import { PldrModel, type ProgramStore } from 'ricci/pldr';
import type { Device } from 'ricci/runtime';
import { checkpointsIn } from 'ricci/train';
import { operatorState, wholeChange, type ByDeduced, type LayerDeductions, type OperatorState } from 'ricci/verify';
import type { Run } from './plan.ts';

/** Where a run stood after so many updates. */
export interface Studied extends Pick<OperatorState, 'change' | 'operators'> {
  readonly step: number;
  /** How far what the first prompt deduces is from what it did at the checkpoint before, where there is one. */
  readonly moved: ByDeduced<number> | undefined;
}

/**
 * Reads prompts with the weights that a run began with and with all that it saved: what training has made of the
 * operators is seen without adding anything to the training.
 * @param prompts token ids, two texts or more
 * @param store spares compiling the same programs for each checkpoint
 */
export async function studyRun(
  run: Run, device: Device, prompts: readonly (readonly number[])[], store: ProgramStore,
): Promise<readonly Studied[]> {
  const saved = [{ step: 0, path: run.first }, ...await checkpointsIn(run.folder)];
  const variant = run.variant === undefined ? {} : { variant: run.variant };
  const studied: Studied[] = [];
  let before: readonly LayerDeductions[] | undefined;
  for (const { step, path } of saved) {
    const model = await PldrModel.load(path, device, { store, ...variant });
    try {
      const { change, operators, first } = await operatorState(model, prompts);
      studied.push({ step, change, operators, moved: before === undefined ? undefined : wholeChange(before, first) });
      before = first;
    } finally {
      model.close();
    }
  }
  return studied;
}

/** Keeps compiled programs as long as the process lives. */
export function memoryStore(): ProgramStore {
  const texts = new Map<string, string>();
  return { get: async (key) => texts.get(key), put: async (key, text) => void texts.set(key, text) };
}
