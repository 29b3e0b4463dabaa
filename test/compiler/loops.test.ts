import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draft } from '../../compiler/draft.ts';
import { BASE_TARGET, type Target } from '../../compiler/target.ts';
import { profileBy } from '../../compiler/loop/schedule.ts';
import { blocksFor } from '../deep/schedule.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { DOUBLE_U } from '../support/bound/number.ts';
import type { GivenGraph } from '../../verify/arbitraries/graphs/given.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { tiledGraphs } from '../../verify/arbitraries/graphs/tiles.ts';
import { runLoops } from '../support/loops.ts';
import { runs } from '../support/runs.ts';

const targets: fc.Arbitrary<Target> = fc.record({
  own: blocksFor('webgpu'), subgroup: fc.constantFrom(undefined, 8, 4, 32), buffers: fc.constantFrom(10, 8, 5),
  chains: fc.boolean(),
}).map(({ own, subgroup, buffers, chains }) =>
  ({ ...BASE_TARGET, storageBuffers: buffers, profile: profileBy({ ...BASE_TARGET.profile, subgroup, chains }, own) }));

function difference(c: GivenGraph, target: Target): string | undefined {
  const outputs = Object.fromEntries(c.outputs.map((n, i) => [`out${i}`, n]));
  const got = runLoops(draft({ name: 'test', outputs }, target), c.env);
  const expected = interpretWithBounds(c.outputs, c.env, DOUBLE_U);
  return c.outputs.map((_, i) => firstOutside(`out${i}`, got[`out${i}`], expected[i])).find((d) => d !== undefined);
}

describe('simplify, fuse and lower keep the meaning: their loops, run in doubles, give its values', () => {
  test.each([
    ['random graphs over all kinds of nodes', graphs, 400],
    ['graphs with the shapes that fusion looks for', fusible, 250],
    ['products and attention of several tiles', tiledGraphs, 80],
  ] as const)('for %s', (_, arbitrary, usual) => {
    fc.assert(fc.property<[GivenGraph, Target]>(arbitrary, targets, (c, target) => {
      expect(difference(c, target)).toBeUndefined();
    }), runs(usual));
  });
});
