/** WebAssembly text of one value. Conditions are i32, or v128 masks of four lanes. */
export interface Value {
  readonly code: string;
  readonly type: ValueType;
}

export type ValueType = 'f32' | 'i32' | 'v128';

/** What the lanes of a v128 hold. */
export type LaneType = 'f32' | 'i32';

export const value = (type: ValueType, code: string): Value => ({ type, code });

export const local = (name: string): string => `(local.get $${name})`;

export const i32 = (n: number): string => `(i32.const ${n})`;

const call = (name: string, args: readonly string[]): string => `(${[name, ...args].join(' ')})`;

/** An instruction over values, with the type that it gives. */
export const instruction = (type: ValueType, name: string, ...args: readonly Value[]): Value =>
  value(type, call(name, args.map((a) => a.code)));

/** The same value in all four lanes; a load of one number becomes a load of four copies. */
export function splat(v: Value, lanes: LaneType): Value {
  if (v.type === 'v128') return v;
  const loaded = /^\([fi]32\.load( |$)/.test(v.code);
  return value('v128', loaded ? v.code.replace(/^\([fi]32\.load/, '(v128.load32_splat') : `(${lanes}x4.splat ${v.code})`);
}

/** Decimal that reads back as the same f32. */
export function f32Literal(x: number): string {
  const single = Math.fround(x);
  if (Number.isNaN(single)) return '(f32.const nan)';
  if (!Number.isFinite(single)) return `(f32.const ${single > 0 ? 'inf' : '-inf'})`;
  return `(f32.const ${Object.is(single, -0) ? '-0' : single})`;
}
