import { axisNamed, without, type Axis } from '../axis.ts';
import { RicciError } from '../errors.ts';
import type { GatherNode, Node, ScatterAddNode } from '../node.ts';
import type { Origin } from '../place.ts';
import { identity, refuseAxis, requireAxis, unionAxes } from './common.ts';

export function makeGather(x: Node, name: string, index: Node, origin: Origin): GatherNode {
  const axis = requireAxis(x, name, 'gather', origin);
  requireIndex(index, 'gather', origin);
  refuseAxis(index, name, 'gather', origin, []);
  const rest = { ...x, axes: without(x.axes, name) };
  const axes = index.axes.length > 0 ? unionAxes([index, rest], 'gather', origin) : rest.axes;
  return Object.freeze<GatherNode>({
    kind: 'gather', x, axis, index, axes: indexFirst(index, axes), dtype: x.dtype, origin,
    ...identity('gather', x.dtype, indexFirst(index, axes), [name], [x, index]),
  });
}

/** An embedding [vocab, embed] at ids [batch, pos] reads best as [batch, pos, embed]. */
function indexFirst(index: Node, axes: readonly Axis[]): readonly Axis[] {
  const first = axes.filter((a) => axisNamed(index.axes, a.name) !== undefined);
  return [...first, ...axes.filter((a) => !first.includes(a))];
}

export function makeScatterAdd(x: Node, index: Node, over: string, to: Axis, origin: Origin): ScatterAddNode {
  requireIndex(index, 'scatterAdd', origin);
  const axis = requireAxis(x, over, 'scatterAdd', origin);
  requireAxis(index, over, 'scatterAdd', origin);
  refuseAxis(x, to.name, 'scatterAdd', origin);
  const union = unionAxes([x, index], 'scatterAdd', origin);
  const axes = [to, ...without(union, over)];
  return Object.freeze<ScatterAddNode>({
    kind: 'scatterAdd', x, index, over: axis, to, axes, dtype: x.dtype, origin,
    ...identity('scatterAdd', x.dtype, axes, [over], [x, index]),
  });
}

function requireIndex(index: Node, op: string, origin: Origin): void {
  if (index.dtype === 'i32') return;
  throw new RicciError({
    code: 'dsl/index-dtype',
    message: `${op}: the index has the type ${index.dtype}.`,
    hint: 'Indices are i32: use an i32 input, iota, or toInt(x).',
    place: origin.place,
  });
}
