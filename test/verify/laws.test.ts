import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PldrModel } from '../../models/pldr/index.ts';
import type { Device } from '../../runtime/device.ts';
import { smallConfig } from '../../verify/arbitraries/configs.ts';
import { drawnModel } from '../../verify/arbitraries/models.ts';
import { interpretedModel, runLaws, verifyModel, type InterpretedModel, type LawResult } from '../../verify/index.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { saved } from '../pldr/laws/saved.ts';
import { openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';

const folder = temporaryFolder();
const prompts = [[1, 4, 2, 7], [5, 3], [8, 8, 1]];
const text = [4, 2, 7, 1, 6];
const config = smallConfig({ layers: 2, heads: 2, hiddenSize: 8 });

let cpu: Device;
let model: PldrModel;
let interpreted: InterpretedModel;

beforeAll(async () => {
  cpu = await openTestCpu();
  model = await PldrModel.load(await saved(drawnModel(config, 3), join(folder, 'model')), cpu);
  interpreted = await interpretedModel(model.checkpoint);
});
afterAll(() => {
  model.close();
  cpu.close();
});

const lawsOf = (changed: InterpretedModel): Promise<readonly LawResult[]> =>
  runLaws({ model, interpreted: changed, prompts, steps: 4 });

describe('laws of a model on its device', () => {
  test('all hold, and each compares something', async () => {
    const results = await lawsOf(interpreted);
    for (const r of results) {
      expect(r).toMatchObject({ holds: true });
      expect(r.compared).toBeGreaterThan(1);
      expect(r.bound).toBeLessThan(1e-3);
    }
  });

  test.each(['decoder.dec_layers.1.mha1.wq.weight', 'final_layer.bias', 'decoder.dec_layers.0.ffn.gluw2.weight'])(
    'a weight that the device has otherwise is found: %s', async (name) => {
      const data = (interpreted.weights.get(name) ?? new Float64Array()).map((w) => w * 1.01 + 1e-3);
      const [kernels, ...others] = await lawsOf({ config, weights: new Map([...interpreted.weights, [name, data]]) });
      expect(kernels).toMatchObject({ name: 'kernels', holds: false });
      expect(others.filter((r) => !r.holds)).toEqual([]);
    },
  );

  test('numbers that are none hold no law', async () => {
    const weights = new Map([...interpreted.weights, ['final_layer.bias', new Float64Array(config.vocabSize).fill(NaN)]]);
    expect((await lawsOf({ config, weights })).every((r) => !r.holds)).toBe(true);
  });
});

describe('a report', () => {
  test('follows a text and compares what is deduced from it', async () => {
    const { laws, invariance, lawTexts, replaced, operators } = await verifyModel(model, { prompts, text, steps: 4 });
    expect(laws.every((r) => r.holds)).toBe(true);
    expect(lawTexts).toEqual({ prompts: [4, 2, 3], steps: 4 });
    expect(operators).toHaveLength(config.layers);
    // Without training it is another model.
    expect(invariance?.initial.operators).toHaveLength(config.layers);
    expect(invariance?.initial.operators).not.toEqual(operators);
    const { ids, steps } = invariance?.over ?? { ids: [], steps: [] };
    expect(steps.map((s) => s.id)).toEqual([...ids]);
    // The first token is chosen by the prompt's own operator: nothing has moved yet.
    expect(steps[0]).toMatchObject({ agrees: true, change: { G_LM: [0, 0] } });
    expect(steps[0].logits).toBeLessThan(1e-4);
    expect(replaced.map((r) => r.name)).toEqual(['the prompt’s', 'the text’s own', 'the identity', 'random']);
    expect(replaced[0].ids).toEqual(ids);
    expect(new Set(replaced.map((r) => r.loss)).size).toBe(4);
    expect(steps.slice(1).every((s) => s.change.G_LM.every((c) => c > 0))).toBe(true);
  });

  test('is plain data', async () => {
    const report = await verifyModel(model, { prompts, text, steps: 2 });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  test('has no movement where the operator is given', async () => {
    const other = await PldrModel.load(caseFolder('v51G-identity'), cpu);
    const { laws, invariance } = await verifyModel(other, { prompts, text, steps: 3 });
    other.close();
    expect(invariance).toBeUndefined();
    expect(laws.every((r) => r.holds)).toBe(true);
  });
});
