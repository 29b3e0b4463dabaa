import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decaysMatrices } from '../../../dsl/index.ts';
import type { Batch } from '../../../models/pldr/train/data/batch.ts';
import type { Trainer } from '../../../models/pldr/train/trainer.ts';
import type { Device } from '../../../runtime/device.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { runs } from '../../support/runs.ts';
import { CONFIG, firstWeights, openTrainer, stateOf, type State } from './trainers.ts';

const ROWS = 2;
const POSITIONS = 5;

const open = (device: Device, state: State): Promise<Trainer> =>
  openTrainer(device, state, { batch: ROWS, positions: POSITIONS, decays: decaysMatrices });

/** Trains on batches of these numbers. @returns what was measured before each update */
async function trainOn(trainer: Trainer, batches: readonly Batch[], first: number): Promise<readonly number[]> {
  const losses: number[] = [];
  for (const [i, batch] of batches.entries()) {
    losses.push((await trainer.update(batch, { learningRate: 0.01, step: first + i + 1 })).loss);
  }
  return losses;
}

const ids = fc.array(fc.nat(CONFIG.vocabSize - 1), { minLength: ROWS * POSITIONS, maxLength: ROWS * POSITIONS });
const batch = fc.record({ ids, targets: ids }).map(({ ids: read, targets }): Batch => (
  { rows: ROWS, positions: POSITIONS, ids: Int32Array.from(read), targets: Int32Array.from(targets) }
));
const training = fc.record({
  seed: fc.nat(1000), batches: fc.array(batch, { minLength: 2, maxLength: 4 }), at: fc.nat(),
});

onEveryDevice((device) => {
  test('steps, a stop and the other steps make the same weights as all steps, bit for bit', () => fc.assert(
    fc.asyncProperty(training, async ({ seed, batches, at }) => {
      const stop = 1 + at % (batches.length - 1);
      const initial = firstWeights(seed);
      const whole = await open(device(), initial);
      const losses = await trainOn(whole, batches, 0);
      const expected = await stateOf(whole);
      whole.close();

      const first = await open(device(), initial);
      const early = await trainOn(first, batches.slice(0, stop), 0);
      const left = await stateOf(first);
      first.close();
      const second = await open(device(), left);
      const late = await trainOn(second, batches.slice(stop), stop);
      const resumed = await stateOf(second);
      second.close();

      expect([...early, ...late]).toEqual(losses);
      expect(resumed).toEqual(expected);
    }),
    runs(2),
  ));

  test('a batch that is learned again and again is learned', async () => {
    const trainer = await open(device(), firstWeights(7));
    const text = Array.from({ length: ROWS * POSITIONS }, (_, i) => 1 + (3 * i) % (CONFIG.vocabSize - 1));
    const same = { rows: ROWS, positions: POSITIONS, ids: Int32Array.from(text), targets: Int32Array.from(text, (id) => 1 + id % 7) };
    const losses = await trainOn(trainer, Array.from({ length: 30 }, () => same), 0);
    const { crossEntropy, accuracy } = await trainer.measure(same);
    trainer.close();
    expect(crossEntropy).toBeLessThan(losses[0] / 2);
    expect(accuracy).toBeGreaterThan(0.5);
  });
});
