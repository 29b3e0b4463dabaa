import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PldrModel } from '../../models/pldr/index.ts';
import { randomCheckpoint } from '../../models/pldr/init.ts';
import { betweenTexts } from '../invariance/between-texts.ts';
import type { Change } from '../invariance/change.ts';
import { readText } from '../invariance/deductions.ts';
import { layerFacts, type LayerFacts } from '../operators/layers.ts';

/** What a model would be without its training. */
export interface Initial {
  /** The largest change between two of the prompts. */
  readonly prompts: Change;
  /** What each layer deduces from the first prompt. */
  readonly operators: readonly LayerFacts[];
}

const SEED = 1;

/**
 * Reads texts with a model of the same configuration whose weights are as the authors initialise them: what training has
 * made of the operator is the difference. @throws as `forward`, and where no temporary file can be written
 */
export async function atInitialisation(
  { config, device }: PldrModel, prompts: readonly (readonly number[])[],
): Promise<Initial> {
  const folder = await mkdtemp(join(tmpdir(), 'ricci-initial-'));
  try {
    await randomCheckpoint(config, folder, SEED, 'F32');
    const fresh = await PldrModel.load(folder, device);
    try {
      const { layers } = await readText(fresh, prompts[0]);
      return { prompts: (await betweenTexts(fresh, prompts)).prompts, operators: layerFacts(layers, config) };
    } finally {
      fresh.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
