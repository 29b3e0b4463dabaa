import { topological } from '../graph.ts';
import type { Node } from '../node.ts';
import { callOf, type Arg, type Call } from './call.ts';

/** The calls that make a graph, operands before users, by the keys of what they make. */
export interface Program {
  readonly nodes: readonly Node[];
  readonly calls: ReadonlyMap<string, Call>;
  /** How often each value is written, as an operand or as a result. */
  readonly uses: ReadonlyMap<string, number>;
}

/** The values that arguments name. */
export const refsOf = (args: readonly Arg[]): readonly Node[] => args.flatMap((arg) =>
  (arg.kind === 'value' ? [arg.node] : arg.kind === 'list' ? refsOf(arg.items) : []));

/** Calls name fewer values than nodes have operands: numbers are written where they are used, a softmax is one call. */
export function programOf(roots: readonly Node[]): Program {
  const calls = new Map<string, Call>();
  const uses = new Map<string, number>();
  const use = ({ key }: Node): void => { uses.set(key, (uses.get(key) ?? 0) + 1); };
  const order = topological(roots);
  roots.forEach(use);
  for (const node of order.toReversed()) {
    if (!uses.has(node.key)) continue;
    const call = callOf(node);
    calls.set(node.key, call);
    refsOf(call.args).forEach(use);
  }
  return { nodes: order.filter((n) => calls.has(n.key)), calls, uses };
}
