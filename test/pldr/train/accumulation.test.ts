import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IGNORED_LABEL } from '../../../models/pldr/train/head-losses.ts';
import { headGraph } from '../../../models/pldr/train/task/heads.ts';
import { nextToken } from '../../../models/pldr/train/task/next-token.ts';
import { momentName } from '../../../models/pldr/train/training-graph.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { runs } from '../../support/runs.ts';
import { headWeights } from '../heads/support.ts';
import { firstMoments } from './interpreted-steps.ts';
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

const farthest = (xs: ArrayLike<number>, ys: ArrayLike<number>): number =>
  Array.from(xs, (x, i) => Math.abs(x - ys[i])).reduce((most, off) => Math.max(most, off), 0);
const largest = (xs: ArrayLike<number>): number => Array.from(xs).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

const trainings = fc.record({
  seed: fc.nat(1000), all: rows, by: fc.constantFrom<'value' | 'norm'>('value', 'norm'),
  task: fc.constantFrom<'language' | 'token-classification'>('language', 'token-classification'),
});
const CLIPPED_AT = 0.01;

// What has gone into the first moments is a tenth of the gradient, whatever AdamW makes of it afterwards.
test('batches together learn what one batch of all their rows does, however unevenly targets are ignored', () =>
  fc.assert(
    fc.property(trainings, ({ seed, all, by, task }) => {
      const options = { clip: { by, at: CLIPPED_AT }, task: task === 'language' ? nextToken : headGraph(task, CONFIG.vocabSize) };
      const head = task === 'language' ? [] : headWeights(task, CONFIG.hiddenSize, CONFIG.vocabSize, seed);
      const weights = new Map([...firstWeights(seed), ...head]);
      // What language ignores is the padding; to a head it is a label as others are.
      const rowsOf = task === 'language' ? all : all.map((row) => ({
        ...row, targets: row.targets.map((target) => (target === 0 ? IGNORED_LABEL : target)),
      }));
      const whole = firstMoments(weights, [batch(rowsOf)], options);
      for (const [name, moment] of firstMoments(weights, inParts(rowsOf), options)) {
        const expected = whole.get(name) ?? expect.unreachable(name);
        expect(farthest(moment, expected), name).toBeLessThanOrEqual(1e-9 * largest(expected) + 1e-15);
      }
    }),
    runs(6),
  ));

onEveryDevice((device) => {
  test('on the device the gradient of several batches is the mean of those that they have alone, by targets', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(1000), rows, async (seed, all) => {
        const options = { batch: ROWS, positions: POSITIONS, clip: { by: 'none', at: 1 } } as const;
        const update = { learningRate: 0.01, step: 1 };
        const together = await openTrainer(device(), firstWeights(seed), { ...options, accumulates: true });
        const { count } = await together.update(inParts(all), update);
        expect(count).toBe(all.flatMap((row) => row.targets).filter((target) => target !== 0).length);
        const expected = new Map<string, Float64Array>();
        for (const part of inParts(all)) {
          const alone = await openTrainer(device(), firstWeights(seed), options);
          const share = (await alone.update(part, update)).count / Math.max(1, count);
          for (const name of alone.trained) {
            const moment = await alone.read(momentName('m', name));
            const sum = expected.get(name) ?? new Float64Array(moment.length);
            expected.set(name, sum.map((x, i) => x + share * moment[i]));
          }
          alone.close();
        }
        for (const [name, mean] of expected) {
          const moment = await together.read(momentName('m', name));
          expect(farthest(moment, mean), name).toBeLessThanOrEqual(1e-5 * largest(mean) + 1e-12);
        }
        together.close();
      }),
      { ...runs(2), endOnFailure: true },
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
