import { axisNamed, without, type Axis } from '../axis.ts';
import type { Node } from '../node.ts';
import { makeDot, makeReduce } from '../nodes/contraction.ts';
import { makeGather } from '../nodes/indexing.ts';
import { makeConstant, makeIota } from '../nodes/leaves.ts';
import { makeMap } from '../nodes/pointwise.ts';
import { makeMerge } from '../nodes/views.ts';
import type { Origin } from '../place.ts';
import { multiply } from './apply.ts';
import { isInOrder } from './expand.ts';

/** Σ of a value along some of its axes. */
export function sumOver(x: Node, axes: readonly Axis[], origin: Origin): Node {
  const { values: [merged], over } = mergeAxes([x], axes, origin);
  return over.reduce<Node>((total, a) => makeReduce('sum', total, a.name, origin), merged);
}

/**
 * What the adjoint of a value over `axes` is for an operand over `kept`: Σ over the axes that the operand was repeated
 * along. An axis that `x` lacks counts as many equal terms.
 */
export function sumTo(x: Node, axes: readonly Axis[], kept: readonly Axis[], origin: Origin): Node {
  const dropped = without(axes, ...kept.map((a) => a.name));
  const present = dropped.filter((a) => axisNamed(x.axes, a.name) !== undefined);
  const repeated = without(dropped, ...present.map((a) => a.name)).map((a) => sizeOf(a, origin));
  return repeated.reduce((total, n) => multiply(total, n, origin), sumOver(x, present, origin));
}

/** The size of an axis as a value: a number, or a count of its entries where that is known only in a run. */
export function sizeOf(a: Axis, origin: Origin): Node {
  if (typeof a.size === 'number') return makeConstant(a.size, 'f32', origin);
  const ones = makeMap({ arity: 1, ops: [{ op: 'const', value: 1 }], result: 0 }, [makeIota(a, origin)], 'f32', origin);
  return makeReduce('sum', ones, a.name, origin);
}

/**
 * Σ of a·b over axes that both have, as one contraction, whose axes come in the order of `like` where one of the two
 * ways to write it has that. Axes of a size that only a run knows cannot be merged with others: beyond the first of
 * them, each is a sum of its own.
 */
export function contract(
  a: Node, b: Node, axes: readonly Axis[], like: readonly Axis[], origin: Origin,
): Node {
  if (axes.length === 0) return multiply(a, b, origin);
  const { values: [left, right], over: [first, ...others] } = mergeAxes([a, b], axes, origin);
  if (first === undefined) return multiply(left, right, origin);
  const both = [makeDot(left, right, first.name, origin), makeDot(right, left, first.name, origin)];
  const product: Node = both.find((x) => isInOrder(x, like)) ?? both[0];
  return others.reduce<Node>((total, o) => makeReduce('sum', total, o.name, origin), product);
}

export interface Merged {
  readonly values: readonly Node[];
  /** What is left of the axes: one for all whose sizes are numbers, and those whose sizes are symbols. */
  readonly over: readonly Axis[];
}

/**
 * Values with those of the axes as one whose sizes are numbers, outer ones first in the order of the first value, so
 * that a sum over several axes is one range. Axes of one entry together are left out.
 */
export function mergeAxes(values: readonly Node[], axes: readonly Axis[], origin: Origin): Merged {
  const named = (a: Axis): boolean => axes.some((x) => x.name === a.name);
  const own = values[0].axes.filter(named);
  const fixed = own.filter((a) => typeof a.size === 'number');
  const symbolic = own.filter((a) => typeof a.size !== 'number');
  if (fixed.every((a) => a.size === 1)) {
    const first = makeConstant(0, 'i32', origin);
    const at = (x: Node, a: Axis): Node => makeGather(x, a.name, first, origin);
    return { values: values.map((x) => fixed.reduce(at, x)), over: symbolic };
  }
  if (fixed.length < 2) return { values, over: [...fixed, ...symbolic] };
  const taken = new Set(values.flatMap((x) => x.axes.map((a) => a.name)));
  const name = freshName(fixed.map((a) => a.name).join('_'), taken);
  const [outer, ...inner] = fixed;
  const merged = values.map((x) => inner.reduce<{ node: Node; axis: Axis }>(({ node, axis }, a) => {
    const to = { name, size: Number(axis.size) * Number(a.size) };
    return { node: makeMerge(node, axis.name, a.name, to, origin), axis: to };
  }, { node: x, axis: outer }));
  return { values: merged.map((m) => m.node), over: [merged[0].axis, ...symbolic] };
}

/** The name itself, or with a number that no axis has. */
function freshName(stem: string, taken: ReadonlySet<string>): string {
  let name = stem;
  for (let n = 2; taken.has(name); n++) name = `${stem}_${n}`;
  return name;
}
