import { maxOf, showAxes, type Axis } from '../axis.ts';
import { digest } from '../digest.ts';
import { RicciError } from '../errors.ts';
import type {
  ConstantNode, DType, InputNode, IotaNode, ParameterNode, RandomNode, Storage, TableNode, WeightStorage,
} from '../node.ts';
import type { Origin } from '../place.ts';
import { identity } from './common.ts';

/** What a caller gives is `f32`; other storages are those of values inside a program that an input stands for. */
export function makeInput(
  name: string, axes: readonly Axis[], dtype: DType, origin: Origin, storage: Storage = 'f32',
): InputNode {
  checkDistinct(name, axes, origin);
  return Object.freeze<InputNode>({
    kind: 'input', name, axes, dtype, origin, storage, ...identity('input', dtype, axes, [name, storage]),
  });
}

export function makeParameter(
  name: string, axes: readonly Axis[], dtype: DType, origin: Origin, storage: WeightStorage = 'f32',
): ParameterNode {
  checkDistinct(name, axes, origin);
  for (const a of axes) {
    if (typeof a.size === 'number') continue;
    throw new RicciError({
      code: 'dsl/parameter-size',
      message: `The parameter "${name}" ${showAxes(axes)} has a size that is known only when a program runs.`,
      hint: 'Weights have fixed sizes: give the axis a number.',
      place: origin.place,
    });
  }
  return Object.freeze<ParameterNode>({
    kind: 'parameter', name, axes, dtype, origin, storage, ...identity('parameter', dtype, axes, [name, storage]),
  });
}

export function makeConstant(value: number, dtype: DType, origin: Origin): ConstantNode {
  const exact = Object.is(value, -0) ? '-0' : String(value);
  return Object.freeze<ConstantNode>({
    kind: 'constant', value, axes: [], dtype, origin, ...identity('constant', dtype, [], [exact]),
  });
}

/** @throws `dsl/table-size` when the data does not fill the axes. */
export function makeTable(data: Float64Array, axes: readonly Axis[], dtype: DType, origin: Origin): TableNode {
  checkDistinct('a constant tensor', axes, origin);
  const expected = axes.reduce((n, a) => n * maxOf(a.size), 1);
  if (data.length !== expected || axes.some((a) => typeof a.size !== 'number')) {
    throw new RicciError({
      code: 'dsl/table-size',
      message: `A constant tensor over ${showAxes(axes)} needs ${expected} numbers, and ${data.length} were given.`,
      hint: 'Give one number for each index, row by row in the order of the axes.',
      place: origin.place,
    });
  }
  return Object.freeze<TableNode>({
    kind: 'table', data, axes, dtype, origin, ...identity('table', dtype, axes, [digest(unitsOf(data))]),
  });
}

/** The bits of numbers as a text, sixteen in each of its units. */
function unitsOf(data: Float64Array): string {
  const units = new Uint16Array(data.buffer, data.byteOffset, data.length * 4);
  let text = '';
  for (let i = 0; i < units.length; i += 8192) text += String.fromCharCode(...units.subarray(i, i + 8192));
  return text;
}

export function makeIota(axis: Axis, origin: Origin): IotaNode {
  return Object.freeze<IotaNode>({
    kind: 'iota', axis, axes: [axis], dtype: 'i32', origin, ...identity('iota', 'i32', [axis], []),
  });
}

export function makeRandom(seed: number, axes: readonly Axis[], origin: Origin): RandomNode {
  checkDistinct('random', axes, origin);
  return Object.freeze<RandomNode>({
    kind: 'random', seed, axes, dtype: 'f32', origin, ...identity('random', 'f32', axes, [seed]),
  });
}

function checkDistinct(what: string, axes: readonly Axis[], origin: Origin): void {
  const names = axes.map((a) => a.name);
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  if (twice === undefined) return;
  throw new RicciError({
    code: 'dsl/axis-twice',
    message: `${what}: the axis "${twice}" appears twice in ${showAxes(axes)}.`,
    hint: 'Every axis of a tensor has its own name; declare a second axis of the same size.',
    place: origin.place,
  });
}
