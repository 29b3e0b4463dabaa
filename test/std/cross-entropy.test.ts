import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accuracy, axis, countTargets, crossEntropy, input, symbol, tokenLosses } from '../../dsl/index.ts';
import { everyDevice } from '../support/every-device.ts';
import { runGraph } from '../support/device.ts';
import { runs } from '../support/runs.ts';
import { dense, expectNear, numbersOf, scalarsOf } from './support.ts';

interface Case {
  readonly vocab: number;
  /** One list of logits for each target. */
  readonly logits: readonly (readonly number[])[];
  readonly targets: readonly number[];
}

const cases = (size: number): fc.Arbitrary<Case> =>
  fc.record({ vocab: fc.integer({ min: 1, max: 8 }), count: fc.integer({ min: 1, max: 6 }) }).chain((shape) => fc.record({
    vocab: fc.constant(shape.vocab),
    logits: fc.array(
      fc.array(fc.integer({ min: -1000, max: 1000 }).map((v) => v * size / 1000), {
        minLength: shape.vocab, maxLength: shape.vocab,
      }),
      { minLength: shape.count, maxLength: shape.count },
    ),
    targets: fc.array(fc.nat(shape.vocab - 1), { minLength: shape.count, maxLength: shape.count }),
  }));

const graphOf = (vocab: number, ignore?: number) => {
  const Pos = axis('pos', symbol('pos', 8));
  const Vocab = axis('vocab', vocab);
  const logits = input('logits', [Pos, Vocab]);
  const targets = input('targets', [Pos], 'i32');
  const options = ignore === undefined ? {} : { ignore };
  return {
    mean: crossEntropy(logits, targets, Vocab, options),
    right: accuracy(logits, targets, Vocab, options),
    counted: countTargets(targets, options),
    each: tokenLosses(logits, targets, Vocab),
  };
};

const environment = ({ vocab, logits, targets }: Case) => ({
  sizes: { pos: targets.length },
  inputs: {
    logits: dense({ pos: targets.length, vocab }, logits.flat()),
    targets: dense({ pos: targets.length }, targets),
  },
});

/** ln Σ e^x − x[target], with the largest term taken out. */
function plainLoss(logits: readonly number[], target: number): number {
  const top = Math.max(...logits);
  return Math.log(logits.reduce((sum, x) => sum + Math.exp(x - top), 0)) - (logits[target] - top);
}

const isRight = (logits: readonly number[], target: number): boolean => logits[target] === Math.max(...logits);
const meanOf = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / Math.max(xs.length, 1);

describe('cross-entropy', () => {
  test('is the mean over the targets that count, as is accuracy', () => fc.assert(
    fc.property(cases(20), fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }), (c, ignore) => {
      const g = graphOf(c.vocab, ignore);
      const [mean, right, counted] = scalarsOf([g.mean, g.right, g.counted], environment(c));
      const kept = c.targets.map((_, i) => i).filter((i) => c.targets[i] !== ignore);
      expect(counted).toBe(kept.length);
      expectNear(mean, meanOf(kept.map((i) => plainLoss(c.logits[i], c.targets[i]))), 1e-12, 1e-13);
      expectNear(right, meanOf(kept.map((i) => Number(isRight(c.logits[i], c.targets[i])))), 1e-12);
    }), runs(150),
  ));

  test('of each target is at least 0, and does not know what is added to all logits', () => fc.assert(
    fc.property(cases(30), fc.integer({ min: -1000, max: 1000 }), (c, shift) => {
      const { each } = graphOf(c.vocab);
      const [losses] = numbersOf([each], environment(c));
      const moved = { ...c, logits: c.logits.map((row) => row.map((x) => x + shift)) };
      const [other] = numbersOf([each], environment(moved));
      losses.forEach((loss, i) => {
        expect(loss).toBeGreaterThanOrEqual(0);
        expectNear(other[i], loss, 1e-10, 1e-10);
      });
    }), runs(150),
  ));

  test('is finite for logits of any size', () => fc.assert(
    fc.property(cases(1e30), (c) => {
      const { each, mean } = graphOf(c.vocab);
      const [losses, [all]] = numbersOf([each, mean], environment(c));
      expect([...losses, all].every(Number.isFinite)).toBe(true);
    }), runs(100),
  ));

  test('is 0 where no target counts, infinite logits or not', () => {
    const g = graphOf(3, -100);
    const env = environment({ vocab: 3, logits: [[1, 2, Infinity], [1, 1, 1]], targets: [-100, -100] });
    expect(scalarsOf([g.mean, g.right, g.counted], env)).toEqual([0, 0, 0]);
  });

  test('an infinite logit of an ignored target changes nothing', () => {
    const g = graphOf(3, 0);
    const env = environment({ vocab: 3, logits: [[1, 2, -Infinity], [1, 1, 1]], targets: [0, 1] });
    const [mean] = scalarsOf([g.mean], env);
    expectNear(mean, Math.log(3));
  });
});

describe('on every device', () => {
  const devices = everyDevice();

  test('cross-entropy and accuracy are what the interpreter says, for large logits too', async () => {
    for (const size of [5, 1e4]) {
      const [c] = fc.sample(cases(size).filter(({ vocab, targets }) => vocab > 2 && targets.length > 2), {
        numRuns: 1, seed: 7,
      });
      const { each: _, ...g } = graphOf(c.vocab, 0);
      const outputs = Object.fromEntries(Object.entries(g).map(([name, x]) => [name, x.node]));
      const expected = scalarsOf(Object.values(g), environment(c));
      for (const device of devices()) {
        const got = await runGraph(device, outputs, environment(c));
        Object.keys(g).forEach((name, i) => expectNear(got[name].data[0], expected[i], 1e-5, 1e-6));
      }
    }
  });
});
