import { describe, expect, test } from 'vitest';
import { topological } from '../../dsl/graph.ts';
import { axis, dot, input, mul, scatterAdd } from '../../dsl/index.ts';
import { makeConcat } from '../../dsl/nodes/views.ts';
import { environmentFor } from '../../verify/arbitraries/graphs/values.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';

const [Token, Embed, Range] = [axis('token', 20), axis('embed', 64), axis('range', 100)];
const [First, Second] = [axis('row', 40), axis('row', 7)];

const shared = {
  'a contraction': dot(input('a', [First, Range]), input('b', [Embed, Range]), Range).node,
  'rows that are added': scatterAdd(input('g', [Token, Embed]), input('ids', [Token], 'i32'), Token, First).node,
};
const single = mul(input('m', [Second, Embed]), 2).node;

onEveryDevice((device) => {
  describe('parts of one value, some with cells of several lanes and some with cells of single threads', () => {
    test.each(Object.entries(shared))('%s, and what is computed entry by entry', async (_, part) => {
      for (const parts of [[part, single], [single, part]]) {
        const y = makeConcat(parts, 'row', { place: undefined });
        const env = environmentFor(topological([y]), 3, {});
        const got = await runGraph(device(), { y }, env);
        expect(firstOutside('y', got['y'], interpretWithBounds([y], env)[0])).toBeUndefined();
      }
    });
  });
});
