import { digest } from '../../dsl/digest.ts';
import type { Monoid, Storage } from '../../dsl/node.ts';
import type { ScalarOp } from '../../dsl/scalar/expr.ts';

/** Scalar types of the loop language. Sizes and indices are i32, conditions are bool. */
export type Type = 'f32' | 'i32' | 'bool';

export type ScalarOpName = Exclude<ScalarOp['op'], 'arg' | 'const'>;

/**
 * One number as an expression of loop variables: what a kernel computes at one point of its iteration space.
 * Expressions with one `key` are equal, so common work is found by comparing keys.
 */
export type Expr =
  | ConstExpr | VarExpr | SizeExpr | OpExpr | IntExpr | CastExpr | LoadExpr | RandomExpr | ReduceExpr;

interface Base {
  readonly type: Type;
  readonly key: string;
  /** Names of the loop variables that the value depends on. */
  readonly free: ReadonlySet<string>;
}

export interface ConstExpr extends Base { readonly kind: 'const'; readonly value: number }
/** A loop variable or a local scalar; integers run from 0 to `bound` - 1. */
export interface VarExpr extends Base { readonly kind: 'var'; readonly name: string; readonly bound: number }
/** A symbolic size, between 1 and `max`. */
export interface SizeExpr extends Base { readonly kind: 'size'; readonly name: string; readonly max: number }
export interface OpExpr extends Base { readonly kind: 'op'; readonly op: ScalarOpName; readonly args: readonly Expr[] }
export type IntOp = 'add' | 'mul' | 'div' | 'mod' | 'min' | 'max';
export interface IntExpr extends Base { readonly kind: 'int'; readonly op: IntOp; readonly a: Expr; readonly b: Expr }
export interface CastExpr extends Base { readonly kind: 'cast'; readonly x: Expr }
export interface LoadExpr extends Base {
  readonly kind: 'load'; readonly buffer: string; readonly index: Expr;
  /** How the buffer keeps its numbers. */
  readonly storage: Storage;
}
export interface RandomExpr extends Base { readonly kind: 'random'; readonly seed: number; readonly index: Expr }
/** The monoid's total of `body` for `v` from 0 to `extent` - 1. */
export interface ReduceExpr extends Base {
  readonly kind: 'reduce'; readonly monoid: Monoid; readonly v: VarExpr; readonly extent: Expr; readonly body: Expr;
}

const NONE: ReadonlySet<string> = new Set();

export function freeOf(xs: readonly Expr[]): ReadonlySet<string> {
  const dependent = xs.filter((x) => x.free.size > 0);
  if (dependent.length === 0) return NONE;
  if (dependent.length === 1) return dependent[0].free;
  return new Set(dependent.flatMap((x) => [...x.free]));
}

const numeral = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

export const constF = (value: number): ConstExpr =>
  ({ kind: 'const', type: 'f32', value, key: `${numeral(value)}f`, free: NONE });
export const constI = (value: number): ConstExpr =>
  ({ kind: 'const', type: 'i32', value, key: `${value}i`, free: NONE });

export const variable = (name: string, bound: number, type: Type = 'i32'): VarExpr =>
  ({ kind: 'var', type, name, bound, key: `$${name}`, free: new Set([name]) });

export const sizeExpr = (name: string, max: number): SizeExpr =>
  ({ kind: 'size', type: 'i32', name, max, key: `#${name}`, free: NONE });

const BOOL_OPS: ReadonlySet<string> = new Set(['lt', 'le', 'gt', 'ge', 'eq', 'ne', 'and', 'or', 'not']);

export function op(name: ScalarOpName, args: readonly Expr[]): OpExpr {
  const type: Type = BOOL_OPS.has(name) ? 'bool' : name === 'select' ? args[1].type : 'f32';
  const key = digest(`${name}(${args.map((a) => a.key).join()})`);
  return { kind: 'op', type, op: name, args, key, free: freeOf(args) };
}

/** An index as a number, or a number as an index (towards zero). */
export function cast(x: Expr, type: Type): Expr {
  if (x.type === type) return x;
  if (x.kind === 'const') return type === 'f32' ? constF(x.value) : constI(Math.trunc(x.value));
  return { kind: 'cast', type, x, key: digest(`${type}<${x.key}>`), free: x.free };
}

export const load = (buffer: string, index: Expr, type: Type, storage: Storage = 'f32'): LoadExpr =>
  ({ kind: 'load', type, buffer, index, storage, key: digest(`${buffer}[${index.key}]`), free: index.free });

export const randomAt = (seed: number, index: Expr): RandomExpr =>
  ({ kind: 'random', type: 'f32', seed, index, key: digest(`random${seed}[${index.key}]`), free: index.free });

export function reduce(monoid: Monoid, v: VarExpr, extent: Expr, body: Expr): ReduceExpr {
  const free = new Set([...body.free].filter((name) => name !== v.name));
  const key = digest(`${monoid} ${v.name}<${extent.key}:${body.key}`);
  return { kind: 'reduce', type: 'f32', monoid, v, extent, body, free, key };
}

export function intExpr(name: IntOp, a: Expr, b: Expr): IntExpr {
  return { kind: 'int', type: 'i32', op: name, a, b, key: digest(`i${name}(${a.key},${b.key})`), free: freeOf([a, b]) };
}

export function childrenOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'const': case 'var': case 'size': return [];
    case 'op': return e.args;
    case 'int': return [e.a, e.b];
    case 'cast': return [e.x];
    case 'load': case 'random': return [e.index];
    case 'reduce': return [e.extent, e.body];
  }
}
