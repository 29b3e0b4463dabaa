import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Environment } from '../../../compiler/interpret/interpret.ts';
import { adamw, axis, clipByValue, input, type AnyTensor } from '../../../dsl/index.ts';
import type { Device } from '../../../runtime/device.ts';
import { openTestCpu } from '../../support/device.ts';
import { dense, expectNear } from '../../std/support.ts';
import { openRecorded, TRAINED } from './recorded.ts';
import { interpreted, modelOf, onDevice, type Run } from './support.ts';

/** The authors' settings: spec 8. */
const AUTHORS = { betas: [0.9, 0.95], eps: 1e-5, weightDecay: 0.1 } as const;
const CLIPPED_AT = 1;

let device: Device;
beforeAll(async () => { device = await openTestCpu(); });
afterAll(() => device.close());

/** The first update of every parameter, from the gradients that the authors' code had. */
async function expectFirstStep(name: string, run: Run): Promise<void> {
  const [{ tensors, settings }, { weights }] = [await openRecorded(name), await modelOf(name)];
  const trained = [...weights.keys()].filter((w) => tensors.has(`grad.${w}`));
  expect(trained.length).toBe([...tensors.keys()].filter((entry) => entry.startsWith('grad.')).length);
  const outputs: Record<string, AnyTensor> = {};
  const inputs: Record<string, ReturnType<typeof dense>> = { rate: dense({}, [settings.lr]), step: dense({}, [1]) };
  for (const weight of trained) {
    const values = { weight: weights.get(weight) ?? [], gradient: tensors.get(`grad.${weight}`) ?? [] };
    const Entry = axis('entry', values.weight.length);
    const [p, g] = ['weight', 'gradient'].map((what) => input(`${what}.${weight}`, [Entry]));
    const moment = input(`moment.${weight}`, [Entry]);
    const rates = { learningRate: input('rate', []), step: input('step', [], 'i32') };
    outputs[weight] = adamw(p, clipByValue(g, CLIPPED_AT), moment, moment, { ...AUTHORS, ...rates }).parameter;
    const all = { ...values, moment: new Float64Array(values.weight.length) };
    for (const [what, xs] of Object.entries(all)) inputs[`${what}.${weight}`] = dense({ entry: xs.length }, xs);
  }
  const env: Environment = { inputs };
  const got = await run(outputs, () => env);
  const allowed = 10 * settings.param_max_abs_f32_vs_f64_paper_step3;
  for (const weight of trained) {
    const expected = tensors.get(`constant.step1.${weight}`) ?? [];
    expect(got[weight].data).toHaveLength(expected.length);
    expected.forEach((x, i) => expectNear(got[weight].data[i], x, 0, allowed));
  }
}

describe('parameters after the authors\' first step at a constant rate', () => {
  test.each(TRAINED)('%s, interpreted', (name) => expectFirstStep(name, interpreted));
  test.each(TRAINED)('%s, on the CPU', (name) => expectFirstStep(name, onDevice(() => device)));
});
