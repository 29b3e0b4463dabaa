import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PldrModel, weightsRead } from '../../models/pldr/index.ts';
import { randomCheckpoint } from '../../models/pldr/init.ts';
import { betweenTexts } from '../invariance/between-texts.ts';
import type { Change } from '../invariance/change.ts';
import { readText } from '../invariance/deductions.ts';
import { orderParameter, type OrderParameter } from '../invariance/order-parameter.ts';
import { dagLosses, layerFacts, type DagLosses, type LayerFacts } from '../operators/layers.ts';

/** What a model would be without its training. */
export interface Initial {
  /** The largest change between two of the prompts. */
  readonly prompts: Change;
  /** Of as many sampled tokens as the trained model's. */
  readonly orderParameter: OrderParameter | undefined;
  /** What each layer deduces from the first prompt. */
  readonly operators: readonly LayerFacts[];
  /** The DAG loss of these. */
  readonly dagLoss: DagLosses;
}

const SEED = 1;

/**
 * Reads texts with a model of the same configuration whose weights are as the authors initialise them: what training has
 * made of the operator is the difference. @throws as `forward`, and where no temporary file can be written
 */
export async function atInitialisation(
  { config, device, variant }: PldrModel, prompts: readonly (readonly number[])[], steps: number,
): Promise<Initial> {
  const folder = await mkdtemp(join(tmpdir(), 'ricci-initial-'));
  try {
    await randomCheckpoint(config, folder, SEED, 'F32', { shapes: weightsRead(config, variant) });
    const fresh = await PldrModel.load(folder, device, { variant });
    try {
      const operators = layerFacts((await readText(fresh, prompts[0])).layers, config);
      return {
        prompts: (await betweenTexts(fresh, prompts)).prompts,
        orderParameter: await orderParameter(fresh, prompts, steps), operators, dagLoss: dagLosses(operators),
      };
    } finally {
      fresh.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
