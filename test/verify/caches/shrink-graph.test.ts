import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, sum, tensorOf } from '../../../dsl/index.ts';
import { topological } from '../../../dsl/graph.ts';
import type { Node } from '../../../dsl/node.ts';
import { head, modelGraph } from '../../../models/pldr/index.ts';
import { withSimpler, withSmallerAxes } from '../../../verify/caches/candidates.ts';
import { hidingParts } from '../../../verify/caches/masks.ts';
import { shrinkGraph } from '../../../verify/caches/shrink-graph.ts';
import { showsDifference, type Trial } from '../../../verify/caches/trial.ts';
import { smallConfig } from '../../../verify/arbitraries/configs.ts';
import { runs } from '../../support/runs.ts';
import { attention, Pos, RIGHT, type Parts } from './models.ts';

const pos = Pos.name;

/** All graphs that are one step smaller. */
function smallerThan(root: Node): readonly Node[] {
  const stay = hidingParts(root, pos);
  return [
    ...withSmallerAxes(root),
    ...topological([root]).filter((n) => !stay.has(n.key)).flatMap((n) => [...withSimpler(root, n, pos)]),
  ];
}

const differs = (root: Node, trial: Trial): boolean => showsDifference({ output: tensorOf(root), pos: Pos }, trial);

describe('a smaller graph', () => {
  test('has no fault that the graph had not, however often it is made smaller', () => {
    const right = [RIGHT, { ...RIGHT, positions: 'none' as const }].map((parts) => attention(parts).node);
    fc.assert(fc.property(
      fc.constantFrom(...right), fc.array(fc.nat(), { maxLength: 12 }), fc.nat(), fc.integer({ min: 1, max: 3 }),
      (root, choices, seed, prompt) => {
        let small = root;
        for (const choice of choices) {
          const all = smallerThan(small);
          small = all.length === 0 ? small : all[choice % all.length];
          expect(differs(small, { prompt, more: 2, seed })).toBe(false);
        }
      },
    ), runs(30));
  });

  test('keeps positions, and gets no axes along which another text has other sizes', () => {
    for (const small of smallerThan(attention(RIGHT).node)) {
      expect(small.axes.map((a) => a.name)).toContain('pos');
      expect(small.axes.map((a) => a.name)).not.toContain('key');
    }
  });
});

describe('shrinking', () => {
  const trial: Trial = { prompt: 1, more: 1, seed: 3 };

  test.each<readonly [Partial<Parts>, number]>([
    [{ sees: 'all' }, 7], [{ sees: 'later' }, 17], [{ operator: 'anew' }, 20], [{ operator: 'anew', sees: 'all' }, 7],
  ])('%o leaves %i values at most, and no graph that is one step smaller fails', (parts, most) => {
    const fails = (root: Node): boolean => differs(root, trial);
    const small = shrinkGraph(attention({ ...RIGHT, ...parts }).node, fails, { pos });
    expect(topological([small]).length).toBeLessThanOrEqual(most);
    expect(fails(small)).toBe(true);
    expect(smallerThan(small).filter(fails)).toEqual([]);
  });

  test('takes a fault out of a model of hundreds of values, of which one layer with a cache is left', () => {
    const config = smallConfig({ layers: 2, heads: 2, hiddenSize: 8 });
    const { axes, decoded } = modelGraph(config, { batch: 1 });
    const logits = head(decoded.hidden, axes, config);
    const faulty = add(logits, sum(logits, axes.Pos)).node;
    const fails = (root: Node): boolean => showsDifference({ output: tensorOf(root), pos: axes.Pos }, trial);
    const small = shrinkGraph(faulty, fails, { pos: axes.Pos.name });
    expect(topological([faulty]).length).toBeGreaterThan(200);
    expect(topological([small]).length).toBeLessThanOrEqual(26);
    expect(fails(small)).toBe(true);
  });

  test('is over when its tries are', () => {
    let tried = 0;
    const root = attention({ ...RIGHT, sees: 'all' }).node;
    shrinkGraph(root, () => { tried++; return false; }, { pos, tries: 10 });
    expect(tried).toBe(10);
  });
});
