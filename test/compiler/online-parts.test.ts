import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { draft } from '../../compiler/draft.ts';
import { BASE_TARGET, type Target } from '../../compiler/target.ts';
import { HARDWARE_PROFILE } from '../../compiler/loop/schedule.ts';
import { SHARED_BYTES, sharedBytes } from '../../compiler/loop/shared-memory.ts';
import { MOST_THREADS, threadsOf } from '../../compiler/loop/workgroup.ts';
import { axis, div, dot, exp, input, max, sub, sum, symbol, type Node, type Tensor } from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import type { Device } from '../../runtime/device.ts';
import type { GivenGraph } from '../../verify/arbitraries/graphs/given.ts';
import { longRows } from '../../verify/arbitraries/graphs/long-rows.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { DOUBLE_U } from '../support/bound/number.ts';
import { openTestDevice, runGraph } from '../support/device.ts';
import { runLoops } from '../support/loops.ts';
import { runs } from '../support/runs.ts';
import { named } from './kind-keys.ts';

/*
 * A row whose range several subgroups share is the row of one subgroup, however many there are and however few of them
 * find anything to do.
 */

const counts = fc.constantFrom(8, 1, 2, 3, 4);

const shared = (target: Target, onlineParts: number, subgroup = target.profile.subgroup): Target =>
  ({ ...target, profile: { ...target.profile, subgroup, onlineParts } });

describe('a row that subgroups share is what the interpreter makes of it', () => {
  let device: Device | undefined;
  const opened = (): Device => device ?? expect.unreachable('a device is used before the tests run');
  beforeAll(async () => { device = await openTestDevice(); });
  afterAll(() => device?.close());

  test('as loops, run in doubles', () => fc.assert(
    fc.property<[GivenGraph, number, number]>(longRows, counts, fc.constantFrom(8, 4, 32), (c, parts, subgroup) => {
      const target = shared(BASE_TARGET, parts, subgroup);
      const got = runLoops(draft({ name: 'test', outputs: named(c.outputs) }, target), c.env);
      const [expected] = interpretWithBounds(c.outputs, c.env, DOUBLE_U);
      expect(firstOutside('out0', got['out0'], expected)).toBeUndefined();
    }),
    runs(60),
  ));

  test('on the device', () => fc.assert(
    fc.asyncProperty<[GivenGraph, number]>(longRows, counts, async (c, parts) => {
      const got = await runGraph(opened(), named(c.outputs), c.env, shared(targetOf(opened()), parts));
      const [expected] = interpretWithBounds(c.outputs, c.env);
      expect(firstOutside('out0', got['out0'], expected)).toBeUndefined();
    }),
    runs(16),
  ));
});

/** Attention of one query of each head along so many keys at most. */
function attention(keys: number, channels = 64): Tensor<'head' | 'channel'> {
  const [Head, Key] = [axis('head', 14), axis('key', symbol(`keys${keys}`, keys))];
  const [Dk, Channel] = [axis('dk', 64), axis('channel', channels)];
  const scores = dot(input('q', [Head, Dk]), input(`k${keys}`, [Head, Key, Dk]), Dk);
  const powers = exp(sub(scores, max(scores, Key)));
  return dot(div(powers, sum(powers, Key)), input(`v${keys}`, [Head, Key, Channel]), Key);
}

describe('the subgroups of a row', () => {
  const target = (onlineParts: number, subgroup: number): Target =>
    shared({ ...BASE_TARGET, profile: HARDWARE_PROFILE }, onlineParts, subgroup);
  const parts = (x: { readonly node: Node }, onlineParts: number, subgroup: number): number => {
    const source = { name: 'test', outputs: { out: x.node } };
    const { kernels: [{ nests: [nest] }] } = draft(source, target(onlineParts, subgroup));
    expect(sharedBytes([nest])).toBeLessThanOrEqual(SHARED_BYTES);
    expect(threadsOf(nest)).toBeLessThanOrEqual(MOST_THREADS);
    return threadsOf(nest) / nest.lanes;
  };

  test('are as many as the schedule says and a workgroup has', () => {
    expect([8, 32, 64, 128].map((subgroup) => parts(attention(2048), 8, subgroup))).toEqual([8, 8, 4, 2]);
    expect([1, 2, 3, 4].map((most) => parts(attention(2048), most, 32))).toEqual([1, 2, 3, 4]);
  });

  test('are no more than there are chunks, which are shorter the more they are', () => {
    expect([16, 64, 65, 100, 225, 1000].map((keys) => parts(attention(keys), 8, 32))).toEqual([1, 1, 3, 4, 8, 8]);
  });

  test('are fewer where their sums would not fit into what a workgroup shares', () => {
    const counted = [64, 500, 1000, 2000, 5000].map((channels) => parts(attention(2048, channels), 8, 32));
    expect(counted).toEqual([8, 8, 4, 2, 1]);
  });

  test('are one where a lane cannot ask which of them it is in', () => {
    const source = { name: 'test', outputs: { out: attention(2048).node } };
    const profile = { ...HARDWARE_PROFILE, numbered: false };
    const { kernels: [{ nests: [nest] }] } = draft(source, shared({ ...BASE_TARGET, profile }, 8, 32));
    expect(threadsOf(nest)).toBe(32);
  });

  test('are counted among the threads that a program needs', () => {
    const program = (onlineParts: number) =>
      compile([{ name: 'test', outputs: { out: attention(2048).node } }], target(onlineParts, 32)).programs[0];
    expect([1, 4, 8].map((parts) => program(parts).needs.threads)).toEqual([64, 128, 256]);
    expect([1, 4, 8].map((parts) => program(parts).needs.subgroup)).toEqual([32, 32, 32]);
  });
});
