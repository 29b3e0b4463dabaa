import { showAxes } from '../../dsl/axis.ts';
import { RicciError } from '../../dsl/errors.ts';
import { topological } from '../../dsl/graph.ts';
import type { Node, ParameterNode } from '../../dsl/node.ts';
import { makeParameter } from '../../dsl/nodes/leaves.ts';
import { bytesOf } from '../fuse/cost.ts';
import type { StorageOf } from './narrow.ts';

/** What a program replaces in place: the value of each weight after a run, by the weight's name. */
export type Updates = ReadonlyMap<string, Node>;

/** Values that take the place of a weight in memory: the weight, by the key of the value. */
export type Overwrites = ReadonlyMap<string, ParameterNode>;

/**
 * The weights that a program updates, in the order of its updates. One that its graph does not read is declared by the
 * axes of its new value.
 * @param roots all that the program computes
 * @throws `compiler/update` that lists every update that cannot be made
 */
export function updatedWeights(
  updates: Updates, roots: readonly Node[], storage: StorageOf, bindingBytes: number,
): readonly ParameterNode[] {
  const declared = new Map(topological(roots).flatMap((n) => (n.kind === 'parameter' ? [[n.name, n] as const] : [])));
  const weights = [...updates].map(([name, value]) =>
    declared.get(name) ?? makeParameter(name, value.axes, value.dtype, value.origin));
  const problems = [...updates].flatMap(([name, value], i) => {
    const found = problemOf(value, weights[i], storage(name) ?? weights[i].storage, bindingBytes);
    return found === undefined ? [] : [{ place: value.origin.place, text: `"${name}" ${found}` }];
  });
  if (problems.length === 0) return weights;
  throw new RicciError({
    code: 'compiler/update',
    message: `A program cannot update these weights in place: ${problems.map((p) => p.text).join('; ')}.`,
    hint: 'Update weights that are kept whole and as f32, each by a value of its own axes in their order: '
      + 'add(weight, change) has the axes of the weight.',
    place: problems[0].place,
  });
}

function problemOf(
  value: Node, weight: ParameterNode, storage: string, bindingBytes: number,
): string | undefined {
  const [own, given] = [weight, value].map((n) => `${n.dtype}${showAxes(n.axes)}`);
  if (own !== given) return `is ${own}, and its new value is ${given}`;
  if (storage !== 'f32') return `is kept as ${storage}`;
  const bytes = bytesOf(weight);
  if (bytes <= bindingBytes) return undefined;
  return `is split into parts, because it takes ${bytes} bytes and a kernel binds ${bindingBytes}`;
}
