import { rewrite } from '../../dsl/graph.ts';
import type { Node, ParameterNode, Storage } from '../../dsl/node.ts';
import { makeParameter } from '../../dsl/nodes/leaves.ts';
import { makeMap } from '../../dsl/nodes/pointwise.ts';
import type { ScalarExpr } from '../../dsl/scalar/expr.ts';

/*
 * narrow: graph → graph in which some weights are kept in fewer bits.
 * A weight in int8 becomes a product: integers, and one scale for each row along its last axis. That the scale leaves
 * the sums over a row is what fusion does with every factor.
 */

/** How a weight is to be kept, by its name; undefined where its parameter decides. */
export type StorageOf = (weight: string) => Storage | undefined;

const SUFFIX = ':scale';

/** The name of the weight that holds the scales of an integer weight's rows. */
export const scaleName = (weight: string): string => `${weight}${SUFFIX}`;

/** Whether a parameter of a compiled program holds scales, and is in no checkpoint. */
export const isScale = (parameter: string): boolean => parameter.endsWith(SUFFIX);

const product: ScalarExpr = {
  arity: 2, ops: [{ op: 'arg', index: 0 }, { op: 'arg', index: 1 }, { op: 'mul', a: 0, b: 1 }], result: 2,
};

export function narrow(roots: readonly Node[], storage: StorageOf): readonly Node[] {
  return rewrite(roots, (node) => (node.kind === 'parameter' ? kept(node, storage(node.name) ?? node.storage) : node));
}

function kept(node: ParameterNode, storage: Storage): Node {
  if (storage === node.storage || node.storage !== 'f32' || isScale(node.name)) return node;
  const stored = makeParameter(node.name, node.axes, node.dtype, node.origin, storage);
  if (storage !== 'int8') return stored;
  const scale = makeParameter(scaleName(node.name), node.axes.slice(0, -1), node.dtype, node.origin);
  return makeMap(product, [stored, scale], node.dtype, node.origin);
}
