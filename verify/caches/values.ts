import { maxOf } from '../../dsl/axis.ts';
import { topological } from '../../dsl/graph.ts';
import type { InputNode, ParameterNode } from '../../dsl/node.ts';
import { emptyDense, type Dense, type Sizes } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { randomUniform } from '../../compiler/interpret/random.ts';
import type { CachedModel } from './staged.ts';

/** Everything that a model is given for so many positions, drawn from a seed. */
export function valuesFor({ output, pos }: CachedModel, seed: number, sizes: Sizes, positions: number): Environment {
  const all: Sizes = typeof pos.size === 'number' ? sizes : { ...sizes, [pos.size.symbol]: positions };
  const inputs: Record<string, Dense> = {};
  const parameters: Record<string, Dense> = {};
  for (const node of topological([output.node])) {
    if (node.kind === 'input') inputs[node.name] = drawn(node, seed, all);
    if (node.kind === 'parameter') parameters[node.name] = drawn(node, seed, all);
  }
  return { inputs, parameters, sizes: all };
}

/** Symbols other than the positions' own, with the largest size of each. */
export function symbolsOf({ output, pos }: CachedModel): ReadonlyMap<string, number> {
  const own = typeof pos.size === 'number' ? '' : pos.size.symbol;
  const found = new Map<string, number>();
  for (const node of topological([output.node])) {
    for (const { size } of node.axes) {
      if (typeof size !== 'number' && size.symbol !== own) found.set(size.symbol, maxOf(size));
    }
  }
  return found;
}

/** Numbers from −1 to 1, and integers from 0 to 9: indices are clamped to what they count. */
function drawn(node: InputNode | ParameterNode, seed: number, sizes: Sizes): Dense {
  const dense = emptyDense(node.axes, sizes);
  const own = [...node.name].reduce((n, ch) => Math.imul(n, 31) + ch.charCodeAt(0), seed);
  for (let i = 0; i < dense.data.length; i++) {
    const u = randomUniform(own, i);
    dense.data[i] = node.dtype === 'i32' ? Math.floor(10 * u) : Math.fround(2 * u - 1);
  }
  return dense;
}
