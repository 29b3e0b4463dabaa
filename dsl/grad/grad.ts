import { topological } from '../graph.ts';
import type { Node } from '../node.ts';
import { makeConstant } from '../nodes/leaves.ts';
import { captureOrigin, type Origin } from '../place.ts';
import { tensorOf, type AnyTensor, type AxesOf, type Tensor } from '../tensor.ts';
import { checkArguments, checkPath } from './check.ts';
import type { Contribution } from './contribution.ts';
import { inOrder, zeros } from './expand.ts';
import { pathBetween } from './path.ts';
import { contributionsOf } from './rules/index.ts';
import { total } from './total.ts';

/** One gradient for each tensor, over its axes. */
export type Gradients<T extends readonly AnyTensor[]> = { readonly [K in keyof T]: Tensor<AxesOf<T[K]>> };

/**
 * The gradient of a number by each of the tensors (weights, inputs, or any values that it is made of): a tensor with
 * exactly the axes of that one, zeros where the loss does not depend on it. The result is a graph as any other, of the
 * same primitives, so that it can be differentiated again.
 *
 * Reverse mode: from the loss back, each value's adjoint is the sum of what its uses add to it (`rules/`). Integers,
 * indices and `stopGradient` pass nothing on; where a function has a corner, see `scalar/derivative.ts`; entries that
 * are a maximum or minimum together share its adjoint evenly.
 * @throws `grad/loss-axes` for a loss with axes, `grad/not-numbers` for integers, `grad/no-derivative` when the loss
 * depends on a tensor through `append` or `quantize`
 */
export function grad<const T extends readonly AnyTensor[]>(loss: Tensor<never>, wrt: T): Gradients<T> {
  const origin = captureOrigin();
  const nodes = wrt.map((x) => x.node);
  checkArguments(loss.node, nodes, origin.place);
  const adjoints = adjointsOf(loss.node, nodes);
  const gradients: readonly AnyTensor[] = nodes.map((x) => tensorOf(gradientOf(x, adjoints, origin)));
  return gradients as Gradients<T>;
}

function gradientOf(x: Node, adjoints: ReadonlyMap<string, Node>, origin: Origin): Node {
  const adjoint = adjoints.get(x.key);
  return adjoint === undefined ? zeros(x.axes, origin) : inOrder(adjoint, x.axes, x.origin);
}

/** Adjoints by the keys of the values: of `wrt`, as far as the loss depends on them. */
function adjointsOf(loss: Node, wrt: readonly Node[]): ReadonlyMap<string, Node> {
  const path = pathBetween(loss, wrt);
  checkPath(loss, path);
  const asked = new Set(wrt.map((x) => x.key));
  const isOnPath = (x: Node): boolean => path.has(x.key);
  const pending = new Map<string, Contribution[]>();
  const adjoints = new Map<string, Node>();
  const add = (c: Contribution): void => { pending.set(c.to.key, [...pending.get(c.to.key) ?? [], c]); };
  if (isOnPath(loss)) add({ to: loss, value: makeConstant(1, 'f32', loss.origin) });
  for (const node of [...topological([loss])].reverse()) {
    const own = pending.get(node.key);
    if (own === undefined) continue;
    pending.delete(node.key);
    const adjoint = total(node, own);
    if (asked.has(node.key)) adjoints.set(node.key, adjoint);
    contributionsOf(node, adjoint, isOnPath).filter(({ to }) => isOnPath(to)).forEach(add);
  }
  return adjoints;
}
