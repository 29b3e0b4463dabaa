import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adamw, axis, decaysAll, decaysMatrices, input, type AdamWState } from '../../dsl/index.ts';
import { runGraph } from '../support/device.ts';
import { everyDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';
import { dense, expectNear, numbersOf } from './support.ts';

interface Settings {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}

interface Moments {
  readonly p: readonly number[];
  readonly m: readonly number[];
  readonly v: readonly number[];
}

const SIZE = 3;
const Weight = axis('weight', SIZE);
const NAMES = ['p', 'g', 'm', 'v'] as const;

/** The graph, in which the rate and the step are given at every run. */
function graphOf(settings: Settings): AdamWState<'weight'> {
  const [p, g, m, v] = NAMES.map((name) => input(name, [Weight]));
  return adamw(p, g, m, v, { ...settings, learningRate: input('rate', []), step: input('step', [], 'i32') });
}

const environment = ({ p, m, v }: Moments, g: readonly number[], rate: number, step: number) => ({
  inputs: {
    ...Object.fromEntries(Object.entries({ p, g, m, v }).map(([name, x]) => [name, dense({ weight: SIZE }, x)])),
    rate: dense({}, [rate]), step: dense({}, [step]),
  },
});

/** The update as the paper writes it, entry by entry. */
function plainStep(
  { p, m, v }: Moments, g: readonly number[], rate: number, step: number, settings: Settings,
): Moments {
  const { betas: [b1, b2], eps, weightDecay } = settings;
  const newM = m.map((x, i) => b1 * x + (1 - b1) * g[i]);
  const newV = v.map((x, i) => b2 * x + (1 - b2) * g[i] ** 2);
  const newP = p.map((x, i) => {
    const [mHat, vHat] = [newM[i] / (1 - b1 ** step), newV[i] / (1 - b2 ** step)];
    return x - rate * weightDecay * x - rate * mHat / (Math.sqrt(vHat) + eps);
  });
  return { p: newP, m: newM, v: newV };
}

const entry = fc.integer({ min: -1000, max: 1000 }).map((x) => x / 500);
const entries = fc.array(entry, { minLength: SIZE, maxLength: SIZE });
const beta = fc.constantFrom(0.5, 0.8, 0.9, 0.95, 0.99, 0.999);
const settingsOf = fc.record({
  betas: fc.tuple(beta, beta), eps: fc.constantFrom(1e-8, 1e-5), weightDecay: fc.constantFrom(0, 0.1, 1),
});
const steps = fc.array(fc.record({ g: entries, rate: fc.constantFrom(0, 1e-4, 1e-3, 0.1) }), {
  minLength: 1, maxLength: 6,
});

const START = (p: readonly number[]): Moments => ({ p, m: p.map(() => 0), v: p.map(() => 0) });

describe('AdamW', () => {
  test('is what the paper says, over several steps', () => fc.assert(
    fc.property(entries, steps, settingsOf, (p, all, settings) => {
      const { parameter, m, v } = graphOf(settings);
      let [got, expected] = [START(p), START(p)];
      all.forEach(({ g, rate }, i) => {
        const values = numbersOf([parameter, m, v], environment(got, g, rate, i + 1));
        got = { p: [...values[0]], m: [...values[1]], v: [...values[2]] };
        expected = plainStep(expected, g, rate, i + 1, settings);
      });
      for (const name of ['p', 'm', 'v'] as const) {
        // 1 − βᵗ is a series here, whose rest is below 10⁻⁸.
        got[name].forEach((x, i) => expectNear(x, expected[name][i], 1e-7, 1e-7));
      }
    }), runs(120),
  ));

  test('at the rate 0, a parameter stays the same bit for bit', () => fc.assert(
    fc.property(entries, entries, settingsOf, (p, g, settings) => {
      const [updated] = numbersOf([graphOf(settings).parameter], environment(START(p), g, 0, 1));
      expect([...updated].map((x) => x + 0)).toEqual(p.map((x) => x + 0));
    }), runs(50),
  ));

  test('without a gradient, all that a parameter does is decay', () => fc.assert(
    fc.property(entries, settingsOf, fc.integer({ min: 1, max: 1e6 }), (p, settings, step) => {
      const zero = p.map(() => 0);
      const [updated] = numbersOf([graphOf(settings).parameter], environment(START(p), zero, 0.01, step));
      updated.forEach((x, i) => expectNear(x, p[i] * (1 - 0.01 * settings.weightDecay)));
    }), runs(50),
  ));

  test('weights decay all, or those that have two axes', () => {
    expect([[], [Weight], [Weight, Weight]].map((axes) => [decaysAll('w', axes), decaysMatrices('w', axes)]))
      .toEqual([[true, false], [true, false], [true, true]]);
  });
});

describe('on every device', () => {
  const devices = everyDevice();

  test('keeps the digits of 1 − βᵗ in single precision', async () => {
    const settings: Settings = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.1 };
    const { parameter, m, v } = graphOf(settings);
    const start = { p: [1, -2, 0.5], m: [0.1, 0, -0.3], v: [0.02, 0, 0.4] };
    for (const device of devices()) {
      for (const step of [1, 2, 10, 1000, 1_000_000]) {
        const env = environment(start, [0.5, -1e-3, 2], 0.01, step);
        const got = await runGraph(device, { p: parameter.node, m: m.node, v: v.node }, env);
        const expected = plainStep(start, [0.5, -1e-3, 2], 0.01, step, settings);
        for (const name of ['p', 'm', 'v'] as const) {
          got[name].data.forEach((x, i) => expectNear(x, expected[name][i], 1e-6, 1e-7));
        }
      }
    }
  });
});
