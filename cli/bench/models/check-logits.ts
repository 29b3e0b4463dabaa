import type { WeightStorage } from '../../../dsl/node.ts';
import { countParameters, Session, type PldrModel } from '../../../models/pldr/index.ts';
import { interpretedModel } from '../../../verify/interpreted/checkpoint.ts';
import { precisionOf } from '../../../verify/exact/precision.ts';
import { largestDifference } from '../../../verify/numbers.ts';
import { wrongResult } from '../wrong.ts';

/** Weights of a model that the interpreter reads within seconds. */
const INTERPRETED = 2e6;
/** How often a kernel rounds where the interpreter rounds once; the factor of `ricci verify`. */
const ROUNDINGS = 10;

/**
 * Compares logits after a prompt with those of the interpreter, for a small model whose weights are kept whole. Others
 * must do with being the same in two ways.
 * @throws RicciError `bench/wrong`
 */
export async function checkLogits(model: PldrModel, storage: WeightStorage, prompt: readonly number[]): Promise<void> {
  const { checkpoint, config, device } = model;
  if (!checkpoint.hasHead || storage !== 'f32' || countParameters(config) > INTERPRETED) return;
  const { logits: [exact], rounding } = precisionOf(await interpretedModel(checkpoint), prompt, []);
  const session = await Session.open(model);
  try {
    const layout = session.runFirst({ rows: [prompt] });
    const { data } = await session.readFirst('logits', layout);
    const difference = largestDifference(data, exact);
    if (difference <= ROUNDINGS * rounding) return;
    throw wrongResult(
      `Logits of ${device.name} differ from the interpreter's by ${difference.toPrecision(2)}, and ` +
        `${(ROUNDINGS * rounding).toPrecision(2)} may come of rounding.`,
    );
  } finally {
    session.close();
  }
}
