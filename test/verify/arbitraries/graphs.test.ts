import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpret } from '../../../compiler/interpret/interpret.ts';
import { verify } from '../../../compiler/passes/verify.ts';
import { topological } from '../../../dsl/graph.ts';
import { fusible, graphs, longGraphs, type GivenGraph } from '../../../verify/arbitraries/index.ts';
import { runs } from '../../support/runs.ts';
import { smallest } from './smallest.ts';

describe.each<readonly [string, fc.Arbitrary<GivenGraph>, number]>([
  ['graphs', graphs, 200], ['fusible', fusible, 200], ['longGraphs', longGraphs, 20],
])('%s', (_, arbitrary, count) => {
  test('are well-typed, and given all that they need', () => {
    fc.assert(fc.property(arbitrary, ({ outputs, env }) => {
      verify(outputs);
      const values = interpret(outputs, env);
      expect(values.map((v) => v.names)).toEqual(outputs.map((o) => o.axes.map((a) => a.name)));
    }), runs(count));
  });
});

test('graphs hold every kind of node that random ones can, and shrink to few values', () => {
  const kinds = new Set(fc.sample(graphs, { numRuns: 400, seed: 1 }).flatMap(({ outputs }) =>
    topological(outputs).map((n) => n.kind)));
  const wanted = ['dot', 'reduce', 'gather', 'scatterAdd', 'concat', 'pad', 'merge', 'freeze', 'cache'] as const;
  for (const kind of wanted) expect(kinds).toContain(kind);
  const holds = ({ outputs }: GivenGraph): boolean => topological(outputs).some((n) => n.kind === 'reduce');
  const small = topological(smallest(graphs, holds)?.outputs ?? []);
  expect(small.map((n) => n.kind)).toContain('reduce');
  expect(small.length).toBeLessThanOrEqual(3);
});

test('fusible graphs hold the shapes that fusion looks for', () => {
  const hasSoftmax = ({ outputs }: GivenGraph): boolean => {
    const reduces = topological(outputs).flatMap((n) => (n.kind === 'reduce' ? [n.monoid] : []));
    return reduces.includes('max') && reduces.includes('sum');
  };
  const count = (arbitrary: fc.Arbitrary<GivenGraph>): number =>
    fc.sample(arbitrary, { numRuns: 200, seed: 1 }).filter(hasSoftmax).length;
  expect(count(fusible)).toBeGreaterThan(2 * count(graphs));
});
