import { axisNamed, sameSize, showAxes, showAxis, type Axis } from '../axis.ts';
import { digest } from '../digest.ts';
import { RicciError } from '../errors.ts';
import type { DType, Node, NodeBase } from '../node.ts';
import type { Origin } from '../place.ts';

/** What a node is told by: its operation as text, and the structural key, in which operands stand by their own keys. */
export function identity(
  kind: Node['kind'],
  dtype: DType,
  axes: readonly Axis[],
  attributes: readonly (string | number)[],
  operands: readonly Node[] = [],
): Pick<NodeBase, 'operation' | 'key'> {
  const shape = axes.map((a) => `${a.name}:${sizeKey(a)}`).join(',');
  const operation = `${kind}|${dtype}|${shape}|${attributes.join('|')}`;
  return { operation, key: digest([operation, ...operands.map((x) => x.key)].join('|')) };
}

export const sizeKey = (a: Axis): string =>
  (typeof a.size === 'number' ? String(a.size) : `${a.size.symbol}<${a.size.max}`);

/** The axes of several operands by name, in the order of the operand with the most axes. */
export function unionAxes(operands: readonly NodeBase[], op: string, origin: Origin): readonly Axis[] {
  const widest = operands.reduce((best, x) => (x.axes.length > best.axes.length ? x : best), operands[0]);
  const result = [...(widest?.axes ?? [])];
  for (const x of operands) {
    for (const a of x.axes) {
      const seen = axisNamed(result, a.name);
      if (seen === undefined) result.push(a);
      else if (!sameSize(seen.size, a.size)) throw sizesDiffer(op, seen, a, operands, origin);
    }
  }
  return result;
}

function sizesDiffer(op: string, a: Axis, b: Axis, operands: readonly NodeBase[], origin: Origin): RicciError {
  return new RicciError({
    code: 'dsl/size-mismatch',
    message:
      `${op}: the axis "${a.name}" has two sizes, ${showAxis(a)} and ${showAxis(b)}, ` +
      `in operands ${listAxes(operands)}.`,
    hint: `Rename one of the two axes if they mean different things.`,
    place: origin.place,
  });
}

/** The operand's own axis of that name. @throws `dsl/axis-missing` */
export function requireAxis(x: NodeBase, name: string, op: string, origin: Origin): Axis {
  const found = axisNamed(x.axes, name);
  if (found !== undefined) return found;
  throw new RicciError({
    code: 'dsl/axis-missing',
    message: `${op}: the axis "${name}" is missing from the operand ${showAxes(x.axes)}.`,
    hint: `Name one of its own axes.`,
    place: origin.place,
  });
}

/** Refuses a new axis whose name the operand already has. @throws `dsl/axis-taken` */
export function refuseAxis(
  x: NodeBase,
  name: string,
  op: string,
  origin: Origin,
  except: readonly string[] = [],
): void {
  if (except.includes(name) || axisNamed(x.axes, name) === undefined) return;
  throw new RicciError({
    code: 'dsl/axis-taken',
    message: `${op}: the operand ${showAxes(x.axes)} already has an axis "${name}".`,
    hint: 'Choose another name for the new axis.',
    place: origin.place,
  });
}

/** Refuses two different sizes. @throws `dsl/size-mismatch` */
export function requireSameSize(a: Axis, b: Axis, op: string, origin: Origin): void {
  if (sameSize(a.size, b.size)) return;
  throw new RicciError({
    code: 'dsl/size-mismatch',
    message: `${op}: the sizes of ${showAxis(a)} and ${showAxis(b)} differ.`,
    hint: 'Declare both axes with one size.',
    place: origin.place,
  });
}

/** The number behind an axis whose size must be known when the graph is built. @throws `dsl/size-symbolic` */
export function requireNumber(a: Axis, op: string, origin: Origin): number {
  if (typeof a.size === 'number') return a.size;
  throw new RicciError({
    code: 'dsl/size-symbolic',
    message: `${op}: the size of the axis ${showAxis(a)} is known only when the program runs.`,
    hint: `${op} needs a size that is a number.`,
    place: origin.place,
  });
}

const listAxes = (operands: readonly NodeBase[]): string => operands.map((x) => showAxes(x.axes)).join(' and ');
