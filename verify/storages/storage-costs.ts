import { WEIGHT_STORAGES, type WeightStorage } from '../../dsl/index.ts';
import { PldrModel, type LoadOptions } from '../../models/pldr/index.ts';
import { argmax, largestDifference, lossOf, relativeChange } from '../numbers.ts';
import { logitsOfText } from '../texts.ts';

/** What it costs to keep a model's large matrices in some way. */
export interface StorageCost {
  readonly storage: WeightStorage;
  /** Of all weights on the device. */
  readonly bytes: number;
  /** The largest difference of a logit from that of whole weights, of all positions of a text. */
  readonly largest: number;
  /** ‖logits − those of whole weights‖ / ‖those of whole weights‖. */
  readonly relative: number;
  /** The share of positions at which the likeliest token is that of whole weights. */
  readonly sameToken: number;
  /** −mean log p of the text's tokens but the first, in nats, and e to its power. */
  readonly loss: number;
  readonly perplexity: number;
}

/**
 * Reads a text with a model's large matrices kept in every way, one after the other.
 * @param whole the checkpoint of the folder `dir` with whole weights (f32)
 * @param text token ids, two or more
 * @param options as `whole` was loaded
 * @throws as `PldrModel.load` (also where f16 cannot hold a weight) and `forward`
 */
export async function storageCosts(
  whole: PldrModel, dir: string, text: readonly number[], options: LoadOptions = {},
): Promise<readonly StorageCost[]> {
  const exact = await logitsOfText(whole, text);
  const costs = [costOf('f32', whole, exact, exact, text)];
  for (const storage of WEIGHT_STORAGES.filter((s) => s !== 'f32')) {
    const model = await PldrModel.load(dir, whole.device, { ...options, storage });
    try {
      costs.push(costOf(storage, model, await logitsOfText(model, text), exact, text));
    } finally {
      model.close();
    }
  }
  return costs;
}

function costOf(
  storage: WeightStorage, { weightBytes }: PldrModel, logits: readonly Float32Array[], exact: readonly Float32Array[],
  text: readonly number[],
): StorageCost {
  const loss = lossOf(logits, text);
  return {
    storage, bytes: weightBytes, loss, perplexity: Math.exp(loss),
    largest: Math.max(...logits.map((row, i) => largestDifference(row, exact[i]))),
    relative: relativeChange(joined(logits), joined(exact)),
    sameToken: logits.filter((row, i) => argmax(row) === argmax(exact[i])).length / logits.length,
  };
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((n, row) => n + row.length, 0));
  rows.reduce((at, row) => (all.set(row, at), at + row.length), 0);
  return all;
}
