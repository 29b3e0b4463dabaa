import { maxOf } from '../../dsl/axis.ts';
import { operands } from '../../dsl/graph.ts';
import type { MapNode, Node } from '../../dsl/node.ts';
import { entriesOf, isLeaf, isView, mapCost } from './cost.ts';

type DotNode = Extract<Node, { kind: 'dot' }>;

/** From how often on a factor is computed again that it is better stored, even where it is one product. */
const OFTEN = 32;

/** What has fewer entries is computed again in less time than a kernel takes to begin. */
const FEW = 4096;

/**
 * Keys of the maps that contractions would compute for many entries of their result anew: a gate times what passes it,
 * before a matrix. Reading one stored value is then less than reading what it is made of.
 */
export function repeatedMaps(order: readonly Node[]): ReadonlySet<string> {
  return new Set(order.flatMap((n) => (n.kind === 'dot' ? repeatedIn(n) : [])));
}

function repeatedIn(dot: DotNode): readonly string[] {
  const evaluated = entriesOf(dot) * maxOf(dot.over.size);
  return operands(dot).map(firstMap).filter((n): n is MapNode =>
    n !== undefined && entriesOf(n) >= FEW && evaluated >= OFTEN * entriesOf(n)).map((n) => n.key);
}

/** The first map that computes something below a value's views. */
function firstMap(n: Node): MapNode | undefined {
  if (n.kind === 'map' && mapCost(n) > 0) return n;
  if (isLeaf(n) || !(isView(n) || n.kind === 'map')) return undefined;
  const [x, ...others] = operands(n);
  return others.length === 0 && x !== undefined ? firstMap(x) : undefined;
}
