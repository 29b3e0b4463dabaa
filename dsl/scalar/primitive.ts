import { applyOp } from './expr.ts';
import type { UnaryOp } from './expr.ts';

/** Functions of one number that are one operation of a scalar expression. */
export type UnaryPrimitive = Exclude<UnaryOp, 'neg' | 'not'>;

export const UNARY_PRIMITIVES: readonly UnaryPrimitive[] = [
  'abs', 'exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'floor', 'ceil', 'round', 'toF16', 'sign',
];

/** Every function that a scalar function may call by name; `math.ts` exports one number function for each. */
export type PrimitiveName = UnaryPrimitive | 'trunc' | 'pow' | 'min' | 'max' | 'select';

const NAMES: ReadonlySet<string> = new Set<PrimitiveName>([
  ...UNARY_PRIMITIVES, 'trunc', 'pow', 'min', 'max', 'select',
]);

export const isPrimitiveName = (name: string): name is PrimitiveName => NAMES.has(name);

const isUnaryPrimitive = (name: PrimitiveName): name is UnaryPrimitive => UNARY_PRIMITIVES.some((op) => op === name);

export type UnaryFunction = (x: number) => number;
export type PowFunction = (base: number, exponent: number) => number;
export type ExtremeFunction = (first: number, ...rest: number[]) => number;
export type SelectFunction = (condition: boolean, whenTrue: number, whenFalse: number) => number;

const choose: SelectFunction = (condition, whenTrue, whenFalse) => (condition ? whenTrue : whenFalse);

/**
 * The number function of that name. A declaration `const f = primitive('f')` is also what the translator looks for
 * when it asks what a called name means, so the name in the source and the operation cannot drift apart.
 */
export function primitive(name: UnaryPrimitive | 'trunc'): UnaryFunction;
export function primitive(name: 'pow'): PowFunction;
export function primitive(name: 'min' | 'max'): ExtremeFunction;
export function primitive(name: 'select'): SelectFunction;
export function primitive(name: PrimitiveName): UnaryFunction | PowFunction | ExtremeFunction | SelectFunction {
  if (isUnaryPrimitive(name)) return (x: number) => applyOp(name, x);
  switch (name) {
    case 'trunc': return Math.trunc;
    case 'pow': return (base: number, exponent: number) => applyOp('pow', base, exponent);
    case 'min': return Math.min;
    case 'max': return Math.max;
    case 'select': return choose;
  }
}
