import { topological } from '../../../dsl/graph.ts';
import type { InputNode, Node, ParameterNode } from '../../../dsl/node.ts';
import { emptyDense, type Dense, type Sizes } from '../../../compiler/interpret/dense.ts';
import type { Environment } from '../../../compiler/interpret/interpret.ts';
import { randomUniform } from '../../../compiler/interpret/random.ts';

/** Numbers that single precision holds, between -2 and 2; indices reach a little beyond every axis on both sides. */
function valueOf(node: InputNode | ParameterNode, seed: number, sizes: Sizes): Dense {
  const dense = emptyDense(node.axes, sizes);
  const own = [...node.name].reduce((n, ch) => Math.imul(n, 31) + ch.charCodeAt(0), seed);
  for (let i = 0; i < dense.data.length; i++) {
    const u = randomUniform(own, i);
    dense.data[i] = node.dtype === 'i32' ? Math.floor(u * 12) - 2 : Math.fround(4 * u - 2);
  }
  return dense;
}

/** Everything that a graph is given, drawn from a seed. */
export function environmentFor(roots: readonly Node[], seed: number, sizes: Sizes): Environment {
  const inputs: Record<string, Dense> = {};
  const parameters: Record<string, Dense> = {};
  for (const node of topological(roots)) {
    if (node.kind === 'input') inputs[node.name] = valueOf(node, seed, sizes);
    if (node.kind === 'parameter') parameters[node.name] = valueOf(node, seed, sizes);
  }
  return { inputs, parameters, sizes };
}
