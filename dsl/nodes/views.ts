import { axisNamed, maxOf, showAxes, showAxis, without, type Axis } from '../axis.ts';
import { RicciError } from '../errors.ts';
import type { ConcatNode, MergeNode, Node, PadNode, RenameNode, SliceNode, SplitNode } from '../node.ts';
import type { Origin } from '../place.ts';
import { identity, refuseAxis, requireAxis, requireNumber, requireSameSize, unionAxes } from './common.ts';

const replace = (axes: readonly Axis[], name: string, by: readonly Axis[]): readonly Axis[] =>
  axes.flatMap((a) => (a.name === name ? by : [a]));

export function makeRename(x: Node, fromName: string, to: Axis, origin: Origin): RenameNode {
  const from = requireAxis(x, fromName, 'rename', origin);
  refuseAxis(x, to.name, 'rename', origin, [fromName]);
  requireSameSize(from, to, 'rename', origin);
  const axes = replace(x.axes, fromName, [to]);
  return Object.freeze<RenameNode>({
    kind: 'rename', x, from, to, axes, dtype: x.dtype, origin, ...identity('rename', x.dtype, axes, [fromName], [x]),
  });
}

export function makeSplit(x: Node, fromName: string, outer: Axis, inner: Axis, origin: Origin): SplitNode {
  const from = requireAxis(x, fromName, 'split', origin);
  for (const a of [outer, inner]) refuseAxis(x, a.name, 'split', origin, [fromName]);
  const [whole, high, low] = [from, outer, inner].map((a) => requireNumber(a, 'split', origin));
  if (whole !== high * low) {
    throw new RicciError({
      code: 'dsl/split-size',
      message:
        `split: ${showAxis(outer)} times ${showAxis(inner)} is ${high * low}, and ${showAxis(from)} is to be split.`,
      hint: 'The product of the two sizes must be the size of the axis.',
      place: origin.place,
    });
  }
  const axes = replace(x.axes, fromName, [outer, inner]);
  return Object.freeze<SplitNode>({
    kind: 'split', x, from, outer, inner, axes, dtype: x.dtype, origin,
    ...identity('split', x.dtype, axes, [fromName, outer.name], [x]),
  });
}

export function makeMerge(x: Node, outerName: string, innerName: string, to: Axis, origin: Origin): MergeNode {
  const outer = requireAxis(x, outerName, 'merge', origin);
  const inner = requireAxis(x, innerName, 'merge', origin);
  refuseAxis(x, to.name, 'merge', origin, [outerName, innerName]);
  const product = requireNumber(outer, 'merge', origin) * requireNumber(inner, 'merge', origin);
  if (product !== to.size) {
    throw new RicciError({
      code: 'dsl/merge-size',
      message: `merge: ${showAxis(outer)} times ${showAxis(inner)} is ${product}, and the new axis is ${showAxis(to)}.`,
      hint: 'Declare the new axis with the product of the two sizes.',
      place: origin.place,
    });
  }
  const axes = replace(without(x.axes, innerName), outerName, [to]);
  return Object.freeze<MergeNode>({
    kind: 'merge', x, outer, inner, to, axes, dtype: x.dtype, origin,
    ...identity('merge', x.dtype, axes, [outerName, innerName], [x]),
  });
}

export function makeSlice(x: Node, name: string, start: number, size: number, origin: Origin): SliceNode {
  const from = requireAxis(x, name, 'slice', origin);
  const whole = requireNumber(from, 'slice', origin);
  if (!Number.isInteger(start) || !Number.isInteger(size) || start < 0 || size < 1 || start + size > whole) {
    throw new RicciError({
      code: 'dsl/slice-range',
      message: `slice: ${size} entries from ${start} do not lie in ${showAxis(from)}.`,
      hint: `Take at least one entry, and end at ${whole} at the latest.`,
      place: origin.place,
    });
  }
  const axis: Axis = Object.freeze({ name, size });
  const axes = replace(x.axes, name, [axis]);
  return Object.freeze<SliceNode>({
    kind: 'slice', x, axis, start, axes, dtype: x.dtype, origin,
    ...identity('slice', x.dtype, axes, [name, start], [x]),
  });
}

export function makePad(x: Node, name: string, before: number, after: number, value: number, origin: Origin): PadNode {
  const whole = requireNumber(requireAxis(x, name, 'pad', origin), 'pad', origin);
  if (!Number.isInteger(before) || !Number.isInteger(after) || before < 0 || after < 0) {
    throw new RicciError({
      code: 'dsl/pad-range',
      message: `pad: ${before} entries before and ${after} after "${name}" cannot be added.`,
      hint: 'Both counts are integers of at least 0.',
      place: origin.place,
    });
  }
  const axis: Axis = Object.freeze({ name, size: before + whole + after });
  const axes = replace(x.axes, name, [axis]);
  return Object.freeze<PadNode>({
    kind: 'pad', x, axis, before, value, axes, dtype: x.dtype, origin,
    ...identity('pad', x.dtype, axes, [name, before, value], [x]),
  });
}

export function makeConcat(xs: readonly Node[], name: string, origin: Origin): ConcatNode {
  if (xs.length === 0) {
    throw new RicciError({
      code: 'dsl/concat-empty',
      message: 'concat: no operand was given.',
      hint: 'Give at least one tensor.',
      place: origin.place,
    });
  }
  const sizes = xs.map((x) => extentAlong(x, name, origin));
  const axis: Axis = Object.freeze({ name, size: sizes.reduce((n, s) => n + s, 0) });
  const rest = unionAxes(xs.map((x) => ({ ...x, axes: without(x.axes, name) })), 'concat', origin);
  for (const x of xs) {
    for (const a of rest) if (axisNamed(x.axes, a.name) === undefined) throw raggedConcat(xs, a, origin);
  }
  const at = xs.map((x) => x.axes.findIndex((a) => a.name === name)).find((i) => i >= 0) ?? rest.length;
  const axes = [...rest.slice(0, at), axis, ...rest.slice(at)];
  return Object.freeze<ConcatNode>({
    kind: 'concat', xs, axis, axes, dtype: xs[0].dtype, origin,
    ...identity('concat', xs[0].dtype, axes, [name], xs),
  });
}

/** How many entries an operand of concat has along the axis: one when it lacks the axis. */
export function extentAlong(x: Node, name: string, origin: Origin): number {
  const own = axisNamed(x.axes, name);
  return own === undefined ? 1 : requireNumber(own, 'concat', origin);
}

function raggedConcat(xs: readonly Node[], a: Axis, origin: Origin): RicciError {
  return new RicciError({
    code: 'dsl/concat-axes',
      message:
        `concat: the axis "${a.name}" (up to ${maxOf(a.size)}) is not in every operand: ` +
        `${xs.map((x) => showAxes(x.axes)).join(', ')}.`,
    hint: 'All operands need the same axes besides the one they are joined along.',
    place: origin.place,
  });
}
