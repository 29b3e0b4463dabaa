import fc from 'fast-check';
import { expect, test } from 'vitest';
import { momentName } from '../../../models/pldr/train/training-graph.ts';
import type { Trained, Trainer } from '../../../models/pldr/train/trainer.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { runs } from '../../support/runs.ts';
import { batchOf, CONFIG, firstWeights, openTrainer, stateOf } from './trainers.ts';

const PARTS = 3;
const ROWS = 2;
const POSITIONS = 5;

const ids = fc.array(fc.nat(CONFIG.vocabSize - 1), { minLength: POSITIONS, maxLength: POSITIONS });
/** Some count for nothing, so that batches have unequally many that count. */
const targets = fc.array(
  fc.oneof({ weight: 2, arbitrary: fc.nat(CONFIG.vocabSize - 1) }, fc.constant(0)),
  { minLength: POSITIONS, maxLength: POSITIONS },
);
const rows = fc.array(fc.record({ ids, targets }), { minLength: PARTS * ROWS, maxLength: PARTS * ROWS });
type Rows = readonly { readonly ids: readonly number[]; readonly targets: readonly number[] }[];
const batch = (some: Rows) => batchOf(some.map((row) => row.ids), some.map((row) => row.targets));
const inParts = (all: Rows) =>
  Array.from({ length: PARTS }, (_, i) => batch(all.slice(i * ROWS, (i + 1) * ROWS)));

/** What has gone into the first moments is a tenth of the gradient, whatever AdamW makes of it afterwards. */
async function expectSameGradients(parts: Trainer, whole: Trainer): Promise<void> {
  for (const name of whole.trained) {
    const moment = momentName('m', name);
    const [got, expected] = [await parts.read(moment), await whole.read(moment)];
    const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expected.forEach((x, i) => expect(Math.abs(got[i] - x), `${name}[${i}]`).toBeLessThanOrEqual(1e-4 * largest + 1e-9));
  }
}

function expectSameMeasures(got: Trained, expected: Trained): void {
  expect(got.count).toBe(expected.count);
  expect(got.loss).toBeCloseTo(expected.loss, 4);
  expect(got.crossEntropy).toBeCloseTo(expected.crossEntropy, 4);
  expect(got.accuracy).toBeCloseTo(expected.accuracy, 4);
}

onEveryDevice((device) => {
  test('batches together learn what one batch of all their rows does, however unevenly targets are ignored', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(1000), rows, fc.constantFrom('value', 'norm'), async (seed, all, by) => {
        const options = { positions: POSITIONS, clip: { by, at: 0.01 } } as const;
        const parts = await openTrainer(device(), firstWeights(seed), { ...options, batch: ROWS, accumulates: true });
        const whole = await openTrainer(device(), firstWeights(seed), { ...options, batch: PARTS * ROWS });
        const update = { learningRate: 0.01, step: 1 };
        expectSameMeasures(await parts.update(inParts(all), update), await whole.update(batch(all), update));
        await expectSameGradients(parts, whole);
        parts.close();
        whole.close();
      }),
      runs(2),
    ));

  test('a training that accumulates and was stopped goes on bit for bit', () => fc.assert(
    fc.asyncProperty(fc.nat(1000), rows, rows, async (seed, first, second) => {
      const options = { batch: ROWS, positions: POSITIONS, accumulates: true };
      const whole = await openTrainer(device(), firstWeights(seed), options);
      await whole.update(inParts(first), { learningRate: 0.01, step: 1 });
      const left = await stateOf(whole);
      const losses = await whole.update(inParts(second), { learningRate: 0.01, step: 2 });
      const resumed = await openTrainer(device(), left, options);
      expect(await resumed.update(inParts(second), { learningRate: 0.01, step: 2 })).toEqual(losses);
      expect(await stateOf(resumed)).toEqual(await stateOf(whole));
      whole.close();
      resumed.close();
    }),
    runs(2),
  ));

  test('where gradients are not accumulated, several batches are refused', async () => {
    const trainer = await openTrainer(device(), firstWeights(1), { batch: ROWS, positions: POSITIONS });
    const row = { ids: [1, 2, 3, 4, 5], targets: [2, 3, 4, 5, 6] };
    const some = batch([row, row]);
    await expect(trainer.update([some, some], { learningRate: 0.1, step: 1 })).rejects.toMatchObject({
      code: 'train/accumulates',
    });
    trainer.close();
  });
});
