import { describe, expect, test } from 'vitest';
import { interpret } from '../../compiler/interpret/interpret.ts';
import { modelLoss, trainingInputs } from './model-loss.ts';
import { openTraining, parametersFrom, TRAINED } from './reference-case.ts';
import { gradients } from './support.ts';

const CASES = await Promise.all(TRAINED.map(async (name) =>
  ({ name, oracle: await openTraining(name) })));

const largest = (data: Float64Array): number => data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);

const distance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i])), 0);

describe.each(CASES)('the gradients of $name', ({ oracle }) => {
  const [rows] = oracle.batches;
  const { logits, loss, parameters } = modelLoss(oracle.config, rows.length, rows[0].length - 1, oracle.dag);
  const env = { ...trainingInputs(oracle.config, rows), parameters: parametersFrom(oracle, parameters) };

  test('are those of the authors, as far as their files tell: to single precision', () => {
    const [gotLogits, gotLoss, ...got] = interpret([logits, loss, ...gradients(loss, parameters)], env);
    expect(distance(gotLogits.data, oracle.logits) / largest(oracle.logits)).toBeLessThan(1e-6);
    expect(gotLoss.data[0]).toBeCloseTo(oracle.loss, 10);
    expect(parameters.map((p) => p.name).sort()).toEqual([...oracle.gradients.keys()].sort());
    parameters.forEach(({ name }, i) => {
      const expected = oracle.gradients.get(name) ?? expect.unreachable(name);
      expect(distance(got[i].data, expected) / largest(expected), name).toBeLessThan(1e-6);
    });
  });
});
