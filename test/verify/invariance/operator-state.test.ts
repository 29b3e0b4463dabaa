import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PldrModel } from '../../../models/pldr/index.ts';
import type { Device } from '../../../runtime/device.ts';
import {
  DEDUCED, deduced, operatorState, wholeChange, type LayerDeductions, type OperatorState,
} from '../../../verify/index.ts';
import { caseFolder } from '../../pldr/fixtures.ts';
import { CHECKPOINT, ORACLE, PROMPTS } from '../../pldr/shakespeare/oracle.ts';
import { openTestCpu } from '../../support/device.ts';

/* Where the bundled checkpoint stands, beside what the authors' code says of it in double precision. */

let device: Device;
let model: PldrModel;
let states: readonly OperatorState[];

beforeAll(async () => {
  device = await openTestCpu(2);
  model = await PldrModel.load(CHECKPOINT, device);
  const found: OperatorState[] = [];
  for (const [i, { ids }] of PROMPTS.entries()) {
    found.push(await operatorState(model, [ids, PROMPTS[(i + 1) % PROMPTS.length].ids]));
  }
  states = found;
});
afterAll(() => {
  model.close();
  device.close();
});

/** Ten times what single precision costs the authors' code, and six digits. */
const expectAs = (got: number, f64: number, f32: number): void =>
  expect(Math.abs(got - f64)).toBeLessThanOrEqual(10 * Math.abs(f32 - f64) + 1e-6 * Math.abs(f64));

describe('the bundled checkpoint', () => {
  test.each(PROMPTS)('has the operators of table 2 after "$prompt"', ({ n, operators: { f64, f32 } }) => {
    for (const name of DEDUCED) {
      const { betweenHeads } = deduced(states[n].operators, name);
      expectAs(betweenHeads, f64.rmse_between_heads[name], f32.rmse_between_heads[name]);
    }
  });

  test.each(PROMPTS)('has the determinants of table 3 after "$prompt"', ({ n, operators: { f64, f32 } }) => {
    for (const name of DEDUCED) {
      const { log10Det } = deduced(states[n].operators, name);
      expectAs(log10Det, f64.log10_max_abs_det[name], f32.log10_max_abs_det[name]);
    }
  });

  test('moves G from prompt to prompt by 15 to 18 %', () => {
    states.forEach(({ first }, n) => {
      const expected = ORACLE.G_relative_change_vs_prompt0[n];
      expect(Math.abs(wholeChange(states[0].first, first).G_LM - expected)).toBeLessThanOrEqual(1e-5);
    });
  });

  test('changes most between the pair that lies furthest apart', async () => {
    const all = await operatorState(model, PROMPTS.map(({ ids }) => ids));
    const changes = states.flatMap((from) => states.filter((to) => to !== from)
      .map((to) => wholeChange(from.first, to.first)));
    for (const name of DEDUCED) {
      const own = changes.map((change) => deduced(change, name));
      expect(deduced(all.change, name)).toEqual({ least: Math.min(...own), most: Math.max(...own) });
    }
  });
});

describe('laws', () => {
  const given = ['v51G-identity', 'v51G-random', 'v51Gi-external'];
  test.each(given)('no text moves the operator of %s, not by a bit', async (name) => {
    const own = await PldrModel.load(caseFolder(name), device);
    try {
      const { change, operators: { G_LM } } = await operatorState(own, [[5, 6, 7], [8, 9]]);
      expect(change).toEqual({ G_LM: { least: 0, most: 0 } });
      const full = { least: own.config.headDim, most: own.config.headDim };
      if (name === 'v51G-identity') expect(G_LM).toEqual({ betweenHeads: 0, log10Det: 0, rank: full });
    } finally {
      own.close();
    }
  });

  test('a tensor that is scaled changes by the scale less one, and one that stays by 0', () => {
    const layer = (by: number): LayerDeductions => 
      ({ A: Float32Array.of(1, 2), G_LM: Float32Array.of(3 * by, -4 * by) });
    expect(wholeChange([layer(1), layer(1)], [layer(1.5), layer(1.5)])).toEqual({ A: 0, G_LM: 0.5 });
    // Layers together: only one of two moves.
    expect(wholeChange([layer(1), layer(1)], [layer(1), layer(2)]).G_LM).toBeCloseTo(Math.SQRT1_2, 12);
  });
});
