import type { Monoid } from '../../../dsl/node.ts';
import type { IntOp, ScalarOpName } from '../../expr/expr.ts';
import { f32Literal, i32, instruction, splat, value, type LaneType, type Value } from './value.ts';

/** Operators with an instruction of their own, for one number and for four. */
const FLOAT: Partial<Record<ScalarOpName, string>> = {
  add: 'add', sub: 'sub', mul: 'mul', div: 'div', min: 'min', max: 'max',
  neg: 'neg', abs: 'abs', sqrt: 'sqrt', floor: 'floor', ceil: 'ceil',
};

/** Operators that are functions of the module over four lanes (math/). */
export const FUNCTIONS: Partial<Record<ScalarOpName, string>> = {
  exp: 'exp', log: 'log', pow: 'pow', tanh: 'tanh', sin: 'sin', cos: 'cos', round: 'round', sign: 'sign', mod: 'mod',
  toF16: 'nearest_f16',
};

const COMPARISONS: Partial<Record<ScalarOpName, string>> = { lt: 'lt', le: 'le', gt: 'gt', ge: 'ge', eq: 'eq', ne: 'ne' };

/** Where a scalar operation goes: names of functions that the module must have. */
export type Use = (name: string) => void;

/**
 * An operator over numbers or conditions. `lanes` is the type of the numbers compared or chosen; with `wide`, every
 * argument is four lanes.
 */
export function operator(op: ScalarOpName, args: readonly Value[], lanes: LaneType, wide: boolean, use: Use): Value {
  const float = FLOAT[op];
  if (float !== undefined) {
    return wide ? instruction('v128', `f32x4.${float}`, ...args) : instruction('f32', `f32.${float}`, ...args);
  }
  const called = FUNCTIONS[op];
  if (called !== undefined) return functionCall(called, args, wide, use);
  const compared = COMPARISONS[op];
  if (compared !== undefined) return comparison(compared, args, lanes, wide);
  switch (op) {
    case 'and': case 'or': return instruction(wide ? 'v128' : 'i32', wide ? `v128.${op}` : `i32.${op}`, ...args);
    case 'not': return wide ? instruction('v128', 'v128.not', ...args) : instruction('i32', 'i32.eqz', ...args);
    case 'select': return chosen(args, wide);
    default: throw new Error(`emit: no instruction for ${op}`);
  }
}

/** Functions work on four lanes; one number is the first of four. */
function functionCall(name: string, args: readonly Value[], wide: boolean, use: Use): Value {
  use(name);
  const called = instruction('v128', `call $${name}`, ...args.map((a) => splat(a, 'f32')));
  return wide ? called : instruction('f32', 'f32x4.extract_lane 0', called);
}

function comparison(name: string, args: readonly Value[], lanes: LaneType, wide: boolean): Value {
  const signed = lanes === 'i32' && name !== 'eq' && name !== 'ne' ? '_s' : '';
  return instruction(wide ? 'v128' : 'i32', `${lanes}${wide ? 'x4' : ''}.${name}${signed}`, ...args);
}

function chosen([condition, a, b]: readonly Value[], wide: boolean): Value {
  return wide ? instruction('v128', 'v128.bitselect', a, b, condition) : instruction(a.type, 'select', a, b, condition);
}

/** Index arithmetic; divisors are positive and dividends at least 0. Division has no form for four lanes. */
export function intOperator(op: IntOp, a: Value, b: Value, wide: boolean): Value {
  if (wide) {
    const name = { add: 'add', mul: 'mul', min: 'min_s', max: 'max_s', div: '', mod: '' }[op];
    if (name === '') throw new Error(`emit: ${op} of four indices`);
    return instruction('v128', `i32x4.${name}`, a, b);
  }
  switch (op) {
    case 'add': return instruction('i32', 'i32.add', a, b);
    case 'mul': return instruction('i32', 'i32.mul', a, b);
    case 'div': return instruction('i32', 'i32.div_u', a, b);
    case 'mod': return instruction('i32', 'i32.rem_u', a, b);
    case 'min': return instruction('i32', 'select', a, b, instruction('i32', 'i32.lt_s', a, b));
    case 'max': return instruction('i32', 'select', a, b, instruction('i32', 'i32.gt_s', a, b));
  }
}

/** A number as an index (towards zero), or an index as a number. */
export function conversion(x: Value, to: LaneType, wide: boolean): Value {
  if (to === 'f32') {
    return wide ? instruction('v128', 'f32x4.convert_i32x4_s', x) : instruction('f32', 'f32.convert_i32_s', x);
  }
  return wide ? instruction('v128', 'i32x4.trunc_sat_f32x4_s', x) : instruction('i32', 'i32.trunc_sat_f32_s', x);
}

/** What a total starts from. */
export const unitOf = (monoid: Monoid): Value => value('f32', f32Literal(
  { sum: 0, compensated: 0, prod: 1, max: -Infinity, min: Infinity }[monoid],
));

/** Two partial totals as one. */
export function combined(monoid: Monoid, a: Value, b: Value, wide: boolean): Value {
  const name = { sum: 'add', compensated: 'add', prod: 'mul', max: 'max', min: 'min' }[monoid];
  return instruction(wide ? 'v128' : 'f32', `f32${wide ? 'x4' : ''}.${name}`, a, b);
}

/** The total of four lanes: halves first, so that it does not depend on how a machine adds. */
export function reduceLanes(monoid: Monoid, name: string): Value {
  const lane = (i: number): Value => value('f32', `(f32x4.extract_lane ${i} (local.get $${name}))`);
  const pair = (i: number): Value => combined(monoid, lane(i), lane(i + 2), false);
  return combined(monoid, pair(0), pair(1), false);
}

const SHUFFLES = {
  firstHalves: '0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23',
  secondHalves: '8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31',
  firstPairs: '0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23',
  secondPairs: '8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31',
} as const;

/** A vector of two others' lanes; `firstHalves` of a and b is a0, b0, a1, b1. */
export const shuffled = (lanes: keyof typeof SHUFFLES, a: string, b: string): Value =>
  value('v128', `(i8x16.shuffle ${SHUFFLES[lanes]} ${a} ${b})`);

/** Four numbers as one vector. */
export function gathered(parts: readonly Value[], lanes: LaneType): Value {
  return parts.slice(1).reduce(
    (v, p, i) => value('v128', `(${lanes}x4.replace_lane ${i + 1} ${v.code} ${p.code})`), splat(parts[0], lanes),
  );
}

/** 0, 1, 2, 3 from an index on. */
export const consecutive = (from: Value): Value =>
  value('v128', `(i32x4.add (v128.const i32x4 0 1 2 3) ${splat(from, 'i32').code})`);

export const shifted = (index: Value): Value => value('i32', `(i32.shl ${index.code} ${i32(2)})`);
