import { RicciError } from 'ricci/dsl';
import { PldrModel, type PldrConfig, type Tokenizer } from 'ricci/pldr';
import type { Device } from 'ricci/runtime';
import { deduces, frozenAt } from 'ricci/verify';

/** Whose G goes to another model. */
export interface Donor {
  /** The folder of a checkpoint. */
  readonly from: string;
  /** What its G is made of; null for one end token. */
  readonly prompt: string | null;
}

/**
 * G of a trained model after a prompt [layer, head, row, col].
 * @param to the model that gets it
 * @throws RicciError `ablations/donor` where the donor has no G that a text makes, or one of another shape; and as
 * `PldrModel.load`
 */
export async function transferredG(
  { from, prompt }: Donor, to: PldrConfig, device: Device, tokenizer: Tokenizer,
): Promise<Float32Array> {
  const model = await PldrModel.load(from, device);
  try {
    const { config } = model;
    if (!deduces(model)) throw unfit(`G of the model in ${from} is a part of it, and made from no prompt.`);
    const [own, wanted] = [config, to].map(({ layers, heads, headDim }) => [layers, heads, headDim].join(' × '));
    if (own !== wanted) throw unfit(`The model in ${from} has ${own} layers, heads and channels, not ${wanted}.`);
    const { G } = await frozenAt(model, prompt === null ? [config.eosId ?? 0] : tokenizer.encode(prompt));
    return G ?? new Float32Array();
  } finally {
    model.close();
  }
}

const unfit = (message: string): RicciError => new RicciError({
  code: 'ablations/donor',
  message,
  hint: 'Give transfer.from the folder of a checkpoint of the same size that has learned G.',
});
