import { draft } from '../../compiler/draft.ts';
import { CPU_TARGET } from '../../compiler/target.ts';
import { rewrite } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { makeInput, makeParameter } from '../../dsl/nodes/leaves.ts';

/** The same graph over inputs and weights of its own, as a second layer is. */
export const again = (outputs: readonly Node[]): readonly Node[] => rewrite(outputs, (n) => {
  if (n.kind === 'input') return makeInput(`${n.name}_again`, n.axes, n.dtype, n.origin);
  return n.kind === 'parameter' ? makeParameter(`${n.name}_again`, n.axes, n.dtype, n.origin) : n;
});

export const named = (outputs: readonly Node[]): Readonly<Record<string, Node>> =>
  Object.fromEntries(outputs.map((n, i) => [`out${i}`, n]));

/** The keys of a program's kernels, in its order. */
export const kindKeys = (outputs: readonly Node[]): readonly string[] =>
  draft({ name: 'test', outputs: named(outputs) }, CPU_TARGET)
    .kernels.flatMap((k) => k.computations.map((c) => c.kind.root.key));
