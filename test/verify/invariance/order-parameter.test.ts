import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PldrModel } from '../../../models/pldr/index.ts';
import type { Device } from '../../../runtime/device.ts';
import { DEDUCED, deduced, readText } from '../../../verify/invariance/deductions.ts';
import { orderParameter, spreadOf, type OrderParameter } from '../../../verify/invariance/order-parameter.ts';
import { caseFolder } from '../../pldr/fixtures.ts';
import { openTestCpu } from '../../support/device.ts';

/** Of the paper's models (table 13), the largest number near criticality, and the smallest of others. */
const [NEAR_CRITICAL, BELOW_CRITICAL] = [2.1867e-2, 6.8287];

const PROMPTS = [[5, 6, 7, 8, 9], [10, 11, 12], [13]];

let device: Device;
beforeAll(async () => { device = await openTestCpu(); });
afterAll(() => device.close());

async function withCase<Result>(name: string, use: (model: PldrModel) => Promise<Result>): Promise<Result> {
  const model = await PldrModel.load(caseFolder(name), device);
  try {
    return await use(model);
  } finally {
    model.close();
  }
}

const measured = async (name: string, tokens: number): Promise<OrderParameter> => {
  const found = await withCase(name, (model) => orderParameter(model, PROMPTS, tokens));
  if (found === undefined) throw new Error(`${name} has no room for ${tokens} tokens`);
  return found;
};

describe('the order parameter', () => {
  test('is near 0 for a model whose tensors no text moves, and far from it for another', async () => {
    const [collapsed, small] = [await measured('v51-collapsed', 6), await measured('v51-small', 6)];
    for (const kind of ['runs', 'cached'] as const) {
      expect(collapsed[kind].G_LM.normalised).toBeLessThanOrEqual(NEAR_CRITICAL);
      expect(small[kind].G_LM.normalised).toBeGreaterThanOrEqual(BELOW_CRITICAL);
    }
  });

  test('is the same whenever it is measured', async () => {
    expect(await measured('v51-small', 4)).toEqual(await measured('v51-small', 4));
  });

  test('is that of the cache alone: as far as tensors are from those of the prompts', async () => {
    const { runs, cached } = await measured('v51-small', 4);
    const prompts = await withCase('v51-small', async (model) =>
      (await Promise.all(PROMPTS.map((ids) => readText(model, ids)))).flatMap((read) => read.layers));
    for (const name of DEDUCED) {
      const entries = prompts.flatMap((layer) => [...deduced(layer, name)]);
      const mean = entries.reduce((sum, v) => sum + v, 0) / entries.length;
      const [own, other] = [deduced(cached, name), deduced(runs, name)];
      expect(own.mean).toBeCloseTo(mean, 12);
      expect(own.rmse).toBeGreaterThan(0);
      expect(other.normalised).toBe(other.rmse / Math.abs(other.mean));
    }
    expect(spreadOf(prompts, prompts).G_LM).toMatchObject({ rmse: 0, normalised: 0 });
  });

  test('has no more tokens than fit, and is undefined where fewer than two do', async () => {
    await withCase('v51-small', async (model) => {
      const { contextLength } = model.config;
      const long = (room: number): readonly number[] => Array.from({ length: contextLength - room }, (_, i) => 5 + i % 9);
      expect(await orderParameter(model, [[5, 6], long(2)], 9)).toMatchObject({ tokens: 2 });
      expect(await orderParameter(model, [[5, 6], long(1)], 9)).toBeUndefined();
    });
  });
});
