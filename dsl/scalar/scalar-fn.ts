import type { ScalarExpr } from './expr.ts';
import { print } from './print.ts';

export type NumberFunction = (...args: number[]) => number;

/** A function of numbers that is known to Ricci as an expression too. */
export interface ScalarFn<F extends NumberFunction = NumberFunction> {
  (...args: Parameters<F>): number;
  /**
   * What the function computes, as data; made on first read and kept.
   * @throws RicciError `scalar/not-translatable`, `scalar/source-not-found` or `scalar/no-typescript`
   */
  readonly expr: ScalarExpr;
  /** The function's name, for error texts and generated code. */
  readonly label: string;
}

/** What is known about a function once it was read. */
export interface Translation {
  readonly expr: ScalarExpr;
  readonly label: string;
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Joins a number function and its translation, which is asked for at most once; `name` is used while it is unknown. */
export function makeScalarFn<F extends NumberFunction>(fn: F, read: () => Translation, name?: string): ScalarFn<F> {
  let known: Translation | undefined;
  const translation = (): Translation => (known ??= read());
  const label = (): string => name ?? labelOf(translation);
  const callable = (...args: Parameters<F>): number => fn(...args);
  return Object.defineProperties(callable, {
    expr: { get: () => translation().expr, enumerable: true },
    label: { get: label, enumerable: true },
    [INSPECT]: { value: () => `[scalar ${label()}: ${describe(translation)}]` },
  }) as ScalarFn<F>;
}

/** A label is wanted in error texts above all, so it must not bring up an error of its own. */
function labelOf(translation: () => Translation): string {
  try {
    return translation().label;
  } catch {
    return 'scalar function';
  }
}

function describe(translation: () => Translation): string {
  try {
    return print(translation().expr);
  } catch {
    return 'not translatable';
  }
}
