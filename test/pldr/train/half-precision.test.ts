import { describe, expect, test } from 'vitest';
import { topological } from '../../../dsl/graph.ts';
import type { Node } from '../../../dsl/node.ts';
import { isMatrix } from '../../../models/pldr/storage.ts';
import { momentName, trainingPrograms } from '../../../models/pldr/train/training-graph.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { firstMoments } from './interpreted-steps.ts';
import { batchOf, CONFIG, firstWeights, openTrainer, OPTIONS, stateOf } from './trainers.ts';

const SHAPE = { batch: 2, positions: 5 };
const BATCH = batchOf([[1, 2, 3, 4, 5], [6, 7, 8, 9, 1]], [[2, 3, 4, 5, 6], [7, 8, 9, 1, 2]]);

const norm = (xs: ArrayLike<number>): number => Math.hypot(...Array.from(xs));
const apart = (xs: ArrayLike<number>, ys: ArrayLike<number>): number =>
  norm(Array.from(xs, (x, i) => x - ys[i]));

/** Of what views the operands of a contraction are. */
function seen(n: Node): Node {
  switch (n.kind) {
    case 'rename': case 'split': case 'merge': case 'slice': return seen(n.x);
    default: return n;
  }
}

const isHalf = (n: Node): boolean => n.kind === 'quantize' && n.storage === 'f16';
const isOfMatrix = (n: Node): boolean => n.kind === 'parameter' && isMatrix(n.name);

test('law: a matrix is read by contractions in half precision alone, and each has two more for its gradients', () => {
  const { train, evaluate } = trainingPrograms(CONFIG, { ...OPTIONS, ...SHAPE, isHalf: true });
  const dots = (roots: Iterable<Node>) => topological([...roots]).flatMap((n) =>
    (n.kind === 'dot' ? [[n.a, n.b].map(seen)] : []));
  const learned = dots([...Object.values(train.outputs), ...train.updates?.values() ?? []]);
  expect(learned.filter((xs) => xs.some(isOfMatrix))).toEqual([]);
  const halves = learned.filter((xs) => xs.every(isHalf));
  const forward = halves.filter((xs) => xs.some((x) => x.kind === 'quantize' && isOfMatrix(seen(x.x))));
  // Four of attention, three of the feed-forward net, and the head; each is read once more on the way back.
  const matrices = 4 + 3 + 1;
  expect(halves).toHaveLength(3 * matrices);
  expect(forward).toHaveLength(2 * matrices);
  expect(dots(Object.values(evaluate.outputs)).some((xs) => xs.some(isHalf))).toBe(false);
});

onEveryDevice((device) => {
  describe('an update in half precision', () => {
    const learned = async (isHalf: boolean) => {
      const trainer = await openTrainer(device(), firstWeights(1), { ...SHAPE, isHalf });
      const { loss } = await trainer.update(BATCH, { learningRate: 0.01, step: 1 });
      const state = await stateOf(trainer);
      trainer.close();
      return { loss, state };
    };

    test('law: is what the interpreter makes of its graph, next to which one in f32 is far', async () => {
      const [half, single] = [true, false].map((isHalf) => firstMoments(firstWeights(1), [BATCH], { isHalf }));
      const { state } = await learned(true);
      for (const [name, moment] of half) {
        const effect = apart(single.get(name) ?? [], moment);
        expect(apart(state.get(momentName('m', name)) ?? [], moment), name).toBeLessThan(effect / 20);
      }
    });

    test('is not one in f32, and it is the same each time', async () => {
      const [half, again, single] = [await learned(true), await learned(true), await learned(false)];
      expect(again).toEqual(half);
      expect(half.loss).not.toBe(single.loss);
    });
  });
});
