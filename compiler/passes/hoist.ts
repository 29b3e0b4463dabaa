import { operands, rewrite, topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { makeParameter } from '../../dsl/nodes/leaves.ts';
import { isHeavy, mapCost, RECOMPUTE_LIMIT } from '../fuse/cost.ts';

/*
 * hoist: graph → graph in which what depends on weights alone is a weight itself, and the values that make those
 * weights. This is the binding time `load`: such values are computed once, when weights are loaded, and never by a
 * prompt or a step.
 */

export interface Hoisted {
  readonly roots: readonly Node[];
  /** Derived weights by parameter name: what a load program computes. */
  readonly derived: ReadonlyMap<string, Node>;
}

const PREFIX = 'derived:';

/** Whether a parameter of a compiled program is made by its load program, and in no checkpoint. */
export const isDerived = (parameter: string): boolean => parameter.startsWith(PREFIX);

/**
 * @param may says whether a derived weight of that name may be used; a program compiled for weights that are already
 * loaded can use only those that were made then
 * @param changing names of weights that programs update: what is made of them must be made anew
 */
export function hoist(
  roots: readonly Node[], may: (name: string) => boolean = () => true, changing: ReadonlySet<string> = NONE,
): Hoisted {
  const chosen = derivedValues(roots, changing);
  const derived = new Map<string, Node>();
  const next = rewrite(roots, (node, original) => {
    const name = `${PREFIX}${original.key}`;
    if (!chosen.has(original.key) || !may(name)) return node;
    derived.set(name, original);
    return makeParameter(name, node.axes, node.dtype, node.origin);
  });
  return { roots: next, derived };
}

const NONE: ReadonlySet<string> = new Set();

/** The last values that depend on weights alone, where making them costs more than reading them. */
function derivedValues(roots: readonly Node[], changing: ReadonlySet<string>): ReadonlySet<string> {
  const cost = new Map<string, number>();
  const chosen = new Set<string>();
  const outputs = new Set(roots.map((r) => r.key));
  for (const node of topological(roots)) {
    const own = node.kind === 'parameter' && changing.has(node.name) ? undefined : loadCost(node, cost);
    if (own !== undefined) cost.set(node.key, own);
    else operands(node).forEach(choose);
  }
  function choose(x: Node): void {
    if ((cost.get(x.key) ?? 0) > RECOMPUTE_LIMIT && !outputs.has(x.key)) chosen.add(x.key);
  }
  return chosen;
}

/** What a value costs when it is known from weights alone; undefined when it needs an input. */
function loadCost(node: Node, known: ReadonlyMap<string, number>): number | undefined {
  switch (node.kind) {
    case 'parameter': case 'constant': case 'table': return 0;
    case 'input': case 'append': case 'freeze': case 'cache': case 'quantize': return undefined;
    default: break;
  }
  if (node.axes.some((a) => typeof a.size !== 'number')) return undefined;
  const costs = operands(node).map((x) => known.get(x.key));
  if (costs.some((c) => c === undefined)) return undefined;
  const own = node.kind === 'map' ? mapCost(node) : isHeavy(node) ? Infinity : 0;
  return costs.reduce<number>((n, c) => n + (c ?? 0), own);
}
