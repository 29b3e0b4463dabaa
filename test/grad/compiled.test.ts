import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fusible, graphs, type GraphCase } from '../../verify/arbitraries/graphs/index.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';
import { gradients, leavesOf, lossOf } from './support.ts';

/** The loss of a random graph, with its gradients by all that it is given. */
function training(c: GraphCase) {
  const loss = lossOf(c.outputs);
  const wrt = leavesOf([loss]);
  return { names: ['loss', ...wrt.map((x) => x.name)], roots: [loss, ...gradients(loss, wrt)] };
}

onEveryDevice((device) => {
  describe('compiled gradients are what the interpreter says, within the rounding error that devices have', () => {
    test.each([
      ['of random graphs over all kinds of nodes', graphs],
      ['of graphs with the shapes that fusion looks for', fusible],
    ] as const)('%s', (_, arbitrary) => fc.assert(
      fc.asyncProperty(arbitrary, async (c) => {
        const { names, roots } = training(c);
        const got = await runGraph(device(), Object.fromEntries(roots.map((x, i) => [names[i], x])), c.env);
        const expected = interpretWithBounds(roots, c.env);
        expect(names.map((n, i) => firstOutside(n, got[n], expected[i])).find((d) => d !== undefined)).toBeUndefined();
      }),
      runs(20),
    ));
  });
});
