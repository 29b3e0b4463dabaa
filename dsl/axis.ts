import { RicciError } from './errors.ts';

/** A size known only when a program runs, with the bound that memory is planned for: `pos ≤ 1024`. */
export interface SizeSymbol {
  readonly symbol: string;
  readonly max: number;
}

export type Size = number | SizeSymbol;

/** A named axis. The name is the type: tensors are typed by the union of their axes' names. */
export interface Axis<N extends string = string> {
  readonly name: N;
  readonly size: Size;
}

/**
 * Declares an axis.
 * @throws `dsl/axis-name` for a name that is not an identifier, `dsl/axis-size` for a size that is not a positive
 * integer.
 */
export function axis<const N extends string>(name: N, size: Size): Axis<N> {
  checkName(name, 'an axis');
  checkSize(name, maxOf(size));
  return Object.freeze({ name, size });
}

/** Declares a size that a program receives when it runs, from 1 to `max`. @throws as `axis` does */
export function symbol(name: string, max: number): SizeSymbol {
  checkName(name, 'a size');
  checkSize(name, max);
  return Object.freeze({ symbol: name, max });
}

function checkName(name: string, what: string): void {
  if (/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return;
  throw new RicciError({
    code: 'dsl/axis-name',
    message: `"${name}" cannot name ${what}.`,
    hint: 'Use a letter followed by letters, digits or underscores: the name becomes a variable of the kernels.',
  });
}

function checkSize(name: string, size: number): void {
  if (Number.isSafeInteger(size) && size > 0) return;
  throw new RicciError({
    code: 'dsl/axis-size',
    message: `"${name}" has the size ${size}.`,
    hint: 'A size is an integer of at least 1.',
  });
}

/** The largest value that a size can take. */
export const maxOf = (size: Size): number => (typeof size === 'number' ? size : size.max);

export const sameSize = (a: Size, b: Size): boolean =>
  typeof a === 'number' || typeof b === 'number' ? a === b : a.symbol === b.symbol && a.max === b.max;

export const showSize = (size: Size): string =>
  typeof size === 'number' ? String(size) : `${size.symbol} ≤ ${size.max}`;

export const showAxis = (a: Axis): string => `${a.name}: ${showSize(a.size)}`;

export const showAxes = (axes: readonly Axis[]): string => `[${axes.map(showAxis).join(', ')}]`;

export const axisNamed = (axes: readonly Axis[], name: string): Axis | undefined =>
  axes.find((a) => a.name === name);

export const without = (axes: readonly Axis[], ...names: readonly string[]): readonly Axis[] =>
  axes.filter((a) => !names.includes(a.name));
