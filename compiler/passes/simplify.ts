import { showAxes } from '../../dsl/axis.ts';
import { operands, rewrite, topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { makeTable } from '../../dsl/nodes/leaves.ts';
import { makeRename } from '../../dsl/nodes/views.ts';
import { entriesOf, mapCost, RECOMPUTE_LIMIT } from '../fuse/cost.ts';
import { interpret } from '../interpret/interpret.ts';

/*
 * simplify: graph → graph with the same meaning.
 * Equal values are one node by construction (keys), and unused ones are not reachable; what is left is folding of
 * constants and removal of views that do nothing, as a table of rules.
 */

/** A rewrite of one node, with the law that makes it right. */
export interface Rule {
  readonly name: string;
  readonly law: string;
  /** The replacement, or undefined where the rule does not apply. */
  readonly apply: (node: Node) => Node | undefined;
}

export const RULES: readonly Rule[] = [
  {
    name: 'rename-to-itself',
    law: 'rename(x, a → a) = x',
    apply: (n) => (n.kind === 'rename' && n.from.name === n.to.name ? n.x : undefined),
  },
  {
    name: 'rename-twice',
    law: 'rename(rename(x, a → b), b → c) = rename(x, a → c)',
    apply: (n) => (n.kind === 'rename' && n.x.kind === 'rename' && n.x.to.name === n.from.name
      ? makeRename(n.x.x, n.x.from.name, n.to, n.origin) : undefined),
  },
  {
    name: 'split-after-merge',
    law: 'split(merge(x, a, b → c), c → a, b) = x, where x has b right after a',
    apply: (n) => (n.kind === 'split' && n.x.kind === 'merge' && n.x.to.name === n.from.name
      && showAxes(n.axes) === showAxes(n.x.x.axes) ? n.x.x : undefined),
  },
  {
    name: 'slice-of-all',
    law: 'slice(x, a, 0, |a|) = x',
    apply: (n) => (n.kind === 'slice' && n.start === 0
      && n.x.axes.some((a) => a.name === n.axis.name && a.size === n.axis.size) ? n.x : undefined),
  },
  {
    name: 'concat-of-one',
    law: 'concat([x], a) = x',
    apply: (n) => (n.kind === 'concat' && n.xs.length === 1
      && n.xs[0].axes.some((a) => a.name === n.axis.name) ? n.xs[0] : undefined),
  },
  {
    name: 'stop-gradient',
    law: 'stopGradient(x) = x',
    apply: (n) => (n.kind === 'stopGradient' ? n.x : undefined),
  },
  {
    name: 'map-identity',
    law: 'map(x ↦ x, x) = x',
    apply: (n) => (n.kind === 'map' && n.args.length === 1
      && n.fn.ops[n.fn.result].op === 'arg' && n.args[0].dtype === n.dtype ? n.args[0] : undefined),
  },
];

export function simplify(roots: readonly Node[]): readonly Node[] {
  const ruled = rewrite(roots, (node) => RULES.reduce<Node>((n, rule) => rule.apply(n) ?? n, node));
  return foldConstants(ruled);
}

/** Tables larger than this are computed where they are used. */
const MAX_TABLE = 1 << 22;

/** Values that depend on nothing given become tables, where computing them again would cost more than a load. */
export function foldConstants(roots: readonly Node[]): readonly Node[] {
  const constant = new Set<string>();
  const dear = new Map<string, number>();
  for (const node of topological(roots)) {
    const xs = operands(node);
    if (!isPure(node) || !xs.every((x) => constant.has(x.key))) continue;
    constant.add(node.key);
    dear.set(node.key, xs.reduce((n, x) => n + (dear.get(x.key) ?? 0), ownCost(node)));
  }
  const folds = (n: Node): boolean =>
    constant.has(n.key) && (dear.get(n.key) ?? 0) > RECOMPUTE_LIMIT && entriesOf(n) <= MAX_TABLE && n.kind !== 'table';
  const needed = usedElsewhere(roots, folds);
  return rewrite(roots, (node, original) => {
    if (!needed.has(original.key)) return node;
    const [value] = interpret([node]);
    return makeTable(value.data, node.axes, node.dtype, node.origin);
  });
}

/** Of the values that pass the test, those that are returned, or used by values that do not pass it. */
function usedElsewhere(roots: readonly Node[], test: (n: Node) => boolean): ReadonlySet<string> {
  const found = new Set(roots.filter(test).map((n) => n.key));
  for (const node of topological(roots)) {
    if (test(node)) continue;
    for (const x of operands(node)) if (test(x)) found.add(x.key);
  }
  return found;
}

const isPure = (node: Node): boolean =>
  node.kind !== 'input' && node.kind !== 'parameter'
  && node.kind !== 'append' && node.kind !== 'freeze' && node.kind !== 'cache'
  && node.axes.every((a) => typeof a.size === 'number');

const ownCost = (node: Node): number =>
  node.kind === 'map' ? mapCost(node)
    : node.kind === 'reduce' || node.kind === 'dot' || node.kind === 'scatterAdd' ? Infinity
    : 0;
