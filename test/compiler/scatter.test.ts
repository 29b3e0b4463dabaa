import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { draft } from '../../compiler/draft.ts';
import { CPU_TARGET } from '../../compiler/target.ts';
import { topological } from '../../dsl/graph.ts';
import { add, axis, input, mul, scatterAdd, symbol, tanh, type Node } from '../../dsl/index.ts';
import { makeInput } from '../../dsl/nodes/leaves.ts';
import { makeScatterAdd } from '../../dsl/nodes/indexing.ts';
import { add as sum, map1, NOWHERE } from '../../verify/arbitraries/graphs/ops.ts';
import { environmentFor } from '../../verify/arbitraries/graphs/values.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { runLoops } from '../support/loops.ts';
import { runs } from '../support/runs.ts';

/** Rows of values that are added to rows of a table: what each lies along, and what is done before and after. */
interface Recipe {
  readonly tokens: number; readonly symbolic: boolean; readonly rows: number;
  readonly batch: number; readonly columns: number;
  readonly indexed: 'tokens' | 'batch' | 'columns';
  readonly made: boolean; readonly rest: boolean; readonly seed: number;
}

// Indices of random inputs run from -2 to 9.
const recipes = fc.record<Recipe>({
  tokens: fc.integer({ min: 1, max: 40 }), symbolic: fc.boolean(), rows: fc.constantFrom(1, 5, 9, 40, 150),
  batch: fc.integer({ min: 0, max: 3 }), columns: fc.constantFrom(0, 1, 3, 8, 12, 70),
  indexed: fc.constantFrom('tokens', 'batch', 'columns'), made: fc.boolean(), rest: fc.boolean(), seed: fc.nat(1000),
});

function graphOf(r: Recipe): Node {
  const token = axis('token', r.symbolic ? symbol('n', r.tokens) : r.tokens);
  const to = axis('row', r.rows);
  const batch = r.batch === 0 ? [] : [axis('batch', r.batch)];
  const columns = r.columns === 0 ? [] : [axis('column', r.columns)];
  const along = { tokens: [], batch, columns }[r.indexed];
  const given = makeInput('x', [...batch, token, ...columns], 'f32', NOWHERE);
  const x = r.made ? map1(given, (v) => v.tanh()) : given;
  const added = makeScatterAdd(x, makeInput('ids', [token, ...along], 'i32', NOWHERE), 'token', to, NOWHERE);
  return r.rest ? sum(added, makeInput('rest', added.axes, 'f32', NOWHERE)) : added;
}

const environment = (root: Node, { seed, tokens }: Recipe) =>
  environmentFor(topological([root]), seed, { n: 1 + (seed % tokens) });

describe('rows that are added where indices say', () => {
  test('law: the loops compute what the interpreter does', () => fc.assert(fc.property(recipes, (r) => {
    const root = graphOf(r);
    const env = environment(root, r);
    const got = runLoops(draft({ name: 'scatter', outputs: { y: root } }, CPU_TARGET), env);
    expect(firstOutside('y', got['y'], interpretWithBounds([root], env)[0])).toBeUndefined();
  }), runs(200)));

  onEveryDevice((device, kind) => {
    test('law: devices compute what the interpreter does', () => fc.assert(
      fc.asyncProperty(recipes, async (r) => {
        const root = graphOf(r);
        const env = environment(root, r);
        const { y } = await runGraph(device(), { y: root }, env);
        expect(firstOutside('y', y, interpretWithBounds([root], env)[0])).toBeUndefined();
      }), runs(kind === 'cpu' ? 100 : 25),
    ));

    test('the gradient of a table is filled with zeros and added to once for each token, in one kernel', () => {
      const [token, embed, vocab] = [axis('token', 1024), axis('embed', 896), axis('vocab', 32000)];
      const made = mul(input('x', [token, embed]), 0.5);
      const gradient = scatterAdd(made, input('ids', [token], 'i32'), token, vocab);
      const outputs = { y: add(gradient, tanh(input('other', [vocab, embed]))).node };
      const { kernels } = compile([{ name: 'gradient', outputs }], targetOf(device())).programs[0];
      expect(kernels.map((k) => k.name.split('_')[0])).toEqual(['scatter']);
      expect(kernels[0].cost.flops).toBeLessThanOrEqual(2 * 1024 * 896 + 2 * 32000 * 896);
    });
  });
});
