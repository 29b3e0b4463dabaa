import { afterAll, beforeAll, expect, test } from 'vitest';
import { forward, PldrModel } from '../../../models/pldr/index.ts';
import type { Device } from '../../../runtime/device.ts';
import { dagLoss } from '../../../verify/operators/dag-loss.ts';
import { openOracle, tolerance, type Oracle } from '../../pldr/reference/oracle.ts';
import { openTestCpu } from '../../support/device.ts';

/** The tensors that the authors' loss is taken of, in the order of their numbers. */
const REGULARISED = ['A_LM', 'A_P', 'G_LM'] as const;

let device: Device;
beforeAll(async () => { device = await openTestCpu(); });
afterAll(() => device.close());

const entry = (oracle: Oracle, name: string) => {
  const found = oracle.tensors.get(name);
  if (found === undefined) throw new Error(`${oracle.name} has no ${name}`);
  return found;
};

/** The loss of every matrix of [batch, head, d, d]. */
const losses = (data: Float32Array | Float64Array, d: number): readonly number[] =>
  Array.from({ length: data.length / d ** 2 }, (_, i) => dagLoss(data.subarray(i * d ** 2, (i + 1) * d ** 2), d));

const mean = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

test.each(['v51-small', 'v51-dag'])('%s: each layer, row and head as in the authors\' code', async (name) => {
  const oracle = await openOracle(name);
  const { shape: [, layers], data: expected } = entry(oracle, 'dag3.per_head');
  const model = await PldrModel.load(oracle.folder, device);
  try {
    const { tensors } = await forward(model, { rows: oracle.inputs.get('ids3') ?? [] }, { deductive: true });
    const got = REGULARISED.map((tensor) => Array.from({ length: layers }, (_, l) =>
      losses(tensors[`prefill.layer${l}.${tensor}`].data, model.config.headDim)).flat());
    expect(got.flat()).toHaveLength(expected.length);
    got.flat().forEach((loss, i) =>
      expect(Math.abs(loss - expected[i])).toBeLessThanOrEqual(tolerance(oracle, 'dag3.per_head')));
    entry(oracle, 'dag3.totals').data.forEach((total, i) =>
      expect(Math.abs(mean(got[i]) - total)).toBeLessThanOrEqual(tolerance(oracle, 'dag3.totals')));
  } finally {
    model.close();
  }
});

/** What rounding to single precision may do to a number, and what a sum in double precision may. */
const [SINGLE, DOUBLE] = [2 ** -24, 1e-12];

test.each(['v51-small', 'v51-dag'])('%s: the authors\' G_LM, in single precision, bounds the loss', async (name) => {
  const oracle = await openOracle(name);
  const { shape: [, layers, batch, heads], data: expected } = entry(oracle, 'dag3.per_head');
  const size = batch * heads;
  for (let l = 0; l < layers; l++) {
    const { shape: [, , d], data } = entry(oracle, `prefill3.layer${l}.G_LM`);
    const [least, most] = [1 - SINGLE, 1 + SINGLE].map((by) => losses(data.map((v) => v * by), d));
    for (let i = 0; i < size; i++) {
      const loss = expected[(2 * layers + l) * size + i];
      expect(loss).toBeGreaterThanOrEqual(least[i] * (1 - DOUBLE));
      expect(loss).toBeLessThanOrEqual(most[i] * (1 + DOUBLE));
    }
  }
});
