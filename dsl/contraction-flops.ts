import type { Size } from './axis.ts';
import { topological } from './graph.ts';
import type { Node } from './node.ts';

/** What the sizes are that a program receives when it runs; those that are absent are at their largest. */
export type KnownSizes = Readonly<Record<string, number>>;

/**
 * Products and sums of all contractions that the roots need, each value once: an operation of a graph that no compiler
 * can do without, unlike those of its pointwise functions, which are few beside them.
 */
export function contractionFlops(roots: readonly Node[], sizes: KnownSizes = {}): number {
  const entries = (size: Size): number => (typeof size === 'number' ? size : sizes[size.symbol] ?? size.max);
  return topological(roots).reduce((sum, n) => {
    if (n.kind !== 'dot') return sum;
    return sum + 2 * n.axes.reduce((product, { size }) => product * entries(size), entries(n.over.size));
  }, 0);
}
