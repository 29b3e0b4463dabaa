import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../../compiler/compile.ts';
import type { Target } from '../../../compiler/target.ts';
import type { Dense } from '../../../compiler/interpret/dense.ts';
import { HARDWARE_PROFILE } from '../../../compiler/loop/schedule.ts';
import { simplify } from '../../../compiler/passes/simplify.ts';
import { targetOf } from '../../../models/pldr/target.ts';
import type { Device } from '../../../runtime/device.ts';
import { smallConfig } from '../../../verify/arbitraries/configs.ts';
import { drawnModel } from '../../../verify/arbitraries/models.ts';
import { read, step, type Reading } from '../../../verify/interpreted/reading.ts';
import { firstOutside } from '../../support/bound/compare.ts';
import { interpretWithBounds } from '../../support/bound/graph.ts';
import { openTestDevice, runSource } from '../../support/device.ts';

/*
 * A step behind a text of some chunks of keys, by the schedules of a GPU of its own, whose subgroups share the keys.
 */

/** Room for as many keys as eight subgroups want, of which a text has some. */
const CONFIG = smallConfig({ heads: 3, headDim: 2, hiddenSize: 6, contextLength: 300 });
const textOf = (length: number): readonly number[] => Array.from({ length }, (_, i) => 1 + (i * i) % 10);

const hardware = (own: Target, onlineParts: number): Target => {
  const { subgroup, unroll } = own.profile;
  return { ...own, profile: { ...HARDWARE_PROFILE, subgroup, unroll, onlineParts } };
};

/** What was kept, as devices hold it. */
const inSinglePrecision = (reading: Reading): Reading => ({
  ...reading,
  states: Object.fromEntries(Object.entries(reading.states).map(([label, state]): [string, Dense] => [
    label, { ...state, data: state.data.map(Math.fround) },
  ])),
});

describe('a step whose keys are shared out', () => {
  let device: Device | undefined;
  const opened = (): Device => device ?? expect.unreachable('a device is used before the tests run');
  beforeAll(async () => { device = await openTestDevice(); });
  afterAll(() => device?.close());

  const stepBehind = (text: readonly number[], mode: 'kv' | 'kv+g') =>
    step(inSinglePrecision(read(drawnModel(CONFIG, 3), { rows: [text] }, { mode })), [7], mode);

  test.each([1, 20, 170])('has the logits of the interpreter, behind a text of %i tokens', async (length) => {
    for (const mode of ['kv+g', 'kv'] as const) {
      const { source, env } = stepBehind(textOf(length), mode);
      const [bound] = interpretWithBounds(simplify(Object.values(source.outputs)), env);
      expect(Math.max(...bound.error)).toBeLessThan(0.1 * Math.max(...bound.value.data.map(Math.abs)));
      const { logits } = await runSource(opened(), source, env, hardware(targetOf(opened()), 8));
      expect(firstOutside('logits', logits, bound)).toBeUndefined();
    }
  });

  test.each(['kv+g', 'kv'] as const)('has as many dispatches as another one, with %s', (mode) => {
    const { source } = stepBehind(textOf(1), mode);
    const own = targetOf(opened());
    const compiled = (onlineParts: number, subgroup: number) =>
      compile([source], hardware({ ...own, profile: { ...own.profile, subgroup } }, onlineParts)).programs[0];
    for (const subgroup of [8, 32]) {
      const [one, shared] = [compiled(1, subgroup), compiled(8, subgroup)];
      expect(shared.kernels.map((k) => k.name)).toEqual(one.kernels.map((k) => k.name));
      const parted = (modules: readonly string[]): number => modules.filter((m) => m.includes('subgroup_id')).length;
      expect([parted(one.modules), parted(shared.modules)]).toEqual([0, 1]);
    }
  });
});
