import { describe, expect, test } from 'vitest';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { modelLoss, trainingInputs } from './model-loss.ts';
import { openTraining, parametersFrom, TRAINED } from './reference-case.ts';
import { gradients } from './support.ts';

const CASES = await Promise.all(TRAINED.map(async (name) =>
  ({ name, oracle: await openTraining(name) })));

onEveryDevice((device) => {
  describe.each(CASES)('the compiled gradients of $name', ({ oracle }) => {
    test('are those of the authors within ten times what single precision errs in their code', async () => {
      const [rows] = oracle.batches;
      const { loss, parameters } = modelLoss(oracle.config, rows.length, rows[0].length - 1, oracle.dag);
      const env = { ...trainingInputs(oracle.config, rows), parameters: parametersFrom(oracle, parameters) };
      const named = gradients(loss, parameters).map((g, i) => [parameters[i].name, g] as const);
      const got = await runGraph(device(), { loss, ...Object.fromEntries(named) }, env);
      expect(Math.abs(got['loss'].data[0] - oracle.loss)).toBeLessThan(5e-6);
      const apart = [...oracle.gradients].map(([name, expected]) =>
        [name, expected.reduce((m, v, i) => Math.max(m, Math.abs(v - got[name].data[i])), 0)] as const);
      expect(apart.filter(([, distance]) => !(distance <= 10 * oracle.spread))).toEqual([]);
    });
  });
});
