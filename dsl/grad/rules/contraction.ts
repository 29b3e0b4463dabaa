import { axisNamed, without } from '../../axis.ts';
import type { DotNode, Node, ReduceNode } from '../../node.ts';
import { makeReduce } from '../../nodes/contraction.ts';
import { makeQuantize } from '../../nodes/quantize.ts';
import { applied, multiply } from '../apply.ts';
import { contract, sumOver } from '../contract.ts';
import type { Contribution } from '../contribution.ts';

/*
 * Sums of adjoints are plain sums, also where the sum of the values is compensated: roundings of a value go through
 * powers and softmax, which magnify them, but an adjoint is only multiplied and added on its way to the gradients.
 */

/**
 * y = Σ a·b: the adjoint of a is Σ of y's adjoint times b, over the axes that b alone brought. Where both are in half
 * precision, so is y's adjoint: all three contractions of a training then are of such values.
 */
export function dotRule(node: DotNode, g: Node, wanted: (x: Node) => boolean): readonly Contribution[] {
  const { a, b, origin } = node;
  const adjoint = isHalf(a) && isHalf(b) ? makeQuantize(g, 'f16', origin) : g;
  return [[a, b], [b, a]].filter(([x]) => wanted(x))
    .map(([to, other]) => ({ to, value: dotAdjoint(node, adjoint, to, other) }));
}

/** Whether a value, or what it is a view of, is in half precision. */
function isHalf(n: Node): boolean {
  switch (n.kind) {
    case 'quantize': return n.storage === 'f16';
    case 'rename': case 'split': case 'merge': case 'slice': case 'freeze': case 'cache': return isHalf(n.x);
    default: return false;
  }
}

function dotAdjoint(node: DotNode, g: Node, to: Node, other: Node): Node {
  const summed = without(other.axes, ...to.axes.map((a) => a.name));
  const inBoth = summed.filter((a) => axisNamed(g.axes, a.name) !== undefined);
  // Where the adjoint is constant along an axis, the other operand's sum comes first, which is smaller.
  const rest = sumOver(other, without(summed, ...inBoth.map((a) => a.name)), node.origin);
  return contract(g, rest, inBoth, to.axes, node.origin);
}

export function reduceRule(node: ReduceNode, g: Node): readonly Contribution[] {
  switch (node.monoid) {
    case 'sum': case 'compensated': return [{ to: node.x, value: g }];
    case 'max': case 'min': return [{ to: node.x, value: extremeAdjoint(node, g) }];
    case 'prod': return [{ to: node.x, value: productAdjoint(node, g) }];
  }
}

/**
 * Entries that are the extreme share its adjoint evenly. What is compared is `≥`, and there is at least one of them:
 * a kernel that computes `x` anew may round it otherwise than the one that found its extreme.
 */
function extremeAdjoint(y: ReduceNode, g: Node): Node {
  const { monoid, x, over, origin } = y;
  const isHit = applied([x, y], (a, b) => (monoid === 'max' ? a.ge(b) : a.le(b)).select(1, 0), origin);
  const hits = makeReduce('sum', isHit, over.name, origin);
  const share = applied([g, hits], (a, n) => a.div(n.max(1)), origin);
  return multiply(isHit, share, origin);
}

/**
 * The product of the other entries: the whole one divided by the entry where none is 0; where one is, it alone has an
 * adjoint, the product of the others; where several are, none has.
 */
function productAdjoint({ x, over, origin }: ReduceNode, g: Node): Node {
  const others = makeReduce('prod', applied([x], (v) => v.eq(0).select(1, v), origin), over.name, origin);
  const zeros = makeReduce('sum', applied([x], (v) => v.eq(0).select(1, 0), origin), over.name, origin);
  return applied([x, others, zeros, g], (v, p, n, a) => {
    const own = v.eq(0);
    const only = own.select(p, 0);
    return n.eq(0).select(p.div(own.select(1, v)), n.eq(1).select(only, 0)).mul(a);
  }, origin);
}
