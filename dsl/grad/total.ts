import { axisNamed, without, type Axis } from '../axis.ts';
import type { Node } from '../node.ts';
import { makeConcat, makePad } from '../nodes/views.ts';
import type { Origin } from '../place.ts';
import { applied } from './apply.ts';
import type { Contribution, Part } from './contribution.ts';
import { expand, inOrder, isInOrder, zeros } from './expand.ts';

/**
 * The sum of what the uses of one value add to its adjoint, in the order of the value's axes: the two are often
 * multiplied later, and lie in memory alike then.
 */
export function total(to: Node, contributions: readonly Contribution[]): Node {
  const { axes, origin } = to;
  const parts = new Map<string, PartOf[]>();
  const terms: Node[] = [];
  for (const { value, part } of contributions) {
    if (part === undefined) terms.push(value);
    else parts.set(part.axis.name, [...parts.get(part.axis.name) ?? [], { ...part, value }]);
  }
  for (const list of parts.values()) terms.push(...layers(list).map((layer) => joined(layer, origin)));
  const sum = balanced(smallFirst(terms, axes, origin), origin);
  return inOrder(sum, axes.filter((a) => axisNamed(sum.axes, a.name) !== undefined), origin);
}

interface PartOf extends Part { readonly value: Node }

/** Parts that do not overlap are one value together; overlapping ones go to further layers. */
function layers(parts: readonly PartOf[]): readonly (readonly PartOf[])[] {
  const result: PartOf[][] = [];
  for (const part of parts.toSorted((a, b) => a.start - b.start)) {
    const free = result.find((layer) => endOf(layer[layer.length - 1]) <= part.start);
    if (free === undefined) result.push([part]);
    else free.push(part);
  }
  return result;
}

const endOf = (part: Part): number => part.start + part.extent;

/** Parts side by side, with zeros where there is none. */
function joined(layer: readonly PartOf[], origin: Origin): Node {
  const [{ axis }] = layer;
  const size = Number(axis.size);
  const others = allAxes(layer.map((p) => without(p.value.axes, axis.name)));
  const whole = (p: PartOf): Node => expand(p.value, [...others, { ...axis, size: p.extent }], origin);
  if (layer.length === 1) return padded(whole(layer[0]), layer[0], size, origin);
  const pieces: Node[] = [];
  let at = 0;
  for (const part of layer) {
    if (part.start > at) pieces.push(zeros([{ ...axis, size: part.start - at }, ...others], origin));
    pieces.push(part.extent === 1 ? expand(part.value, others, origin) : whole(part));
    at = endOf(part);
  }
  if (at < size) pieces.push(zeros([{ ...axis, size: size - at }, ...others], origin));
  return makeConcat(pieces, axis.name, origin);
}

const padded = (x: Node, { axis, start, extent }: Part, size: number, origin: Origin): Node =>
  (extent === size ? x : makePad(x, axis.name, start, size - start - extent, 0, origin));

function allAxes(lists: readonly (readonly Axis[])[]): readonly Axis[] {
  const result: Axis[] = [];
  for (const a of lists.flat()) if (axisNamed(result, a.name) === undefined) result.push(a);
  return result;
}

/** Terms over the same axes are added first, so that what is constant along an axis is repeated along it once. */
function smallFirst(terms: readonly Node[], axes: readonly Axis[], origin: Origin): readonly Node[] {
  const groups = new Map<string, Node[]>();
  for (const x of terms) {
    const names = x.axes.map((a) => a.name).sort().join();
    groups.set(names, [...groups.get(names) ?? [], x]);
  }
  // A sum has the axes of its first term.
  const rank = (x: Node): number => (isInOrder(x, axes) ? 0 : 1);
  return [...groups.values()].toSorted((a, b) => a[0].axes.length - b[0].axes.length)
    .map((group) => balanced(group.toSorted((a, b) => rank(a) - rank(b)), origin));
}

/** Roundings of a sum of n terms grow with log n this way. */
function balanced(terms: readonly Node[], origin: Origin): Node {
  if (terms.length === 1) return terms[0];
  const half = Math.ceil(terms.length / 2);
  const [a, b] = [balanced(terms.slice(0, half), origin), balanced(terms.slice(half), origin)];
  return applied([a, b], (x, y) => x.add(y), origin);
}
