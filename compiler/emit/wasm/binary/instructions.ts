/**
 * What stands between an instruction's name and its operands: an index, the offset in memory, a number. A lane is one
 * byte, `lanes` are sixteen.
 */
export type Immediate =
  | 'none' | 'local' | 'function' | 'label' | 'memory' | 'lane' | 'lanes' | 'i32' | 'f32' | 'f64' | 'v128';

export interface Instruction {
  /** 0 for codes of one byte. */
  readonly prefix: 0 | 0xfc | 0xfd;
  readonly code: number;
  readonly immediate: Immediate;
  /** Of an access to memory: the power of two of its bytes. */
  readonly align: number;
}

/** Names with successive codes: the first code, a type that all begin with, and the rest of each name. */
type Run = readonly [number, string, string, Immediate?];

const INTEGER_TESTS = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u';
const FLOAT_TESTS = 'eq ne lt gt le ge';
const INTEGER_OPERATORS = 'clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr';
const FLOAT_OPERATORS = 'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign';

/** The WebAssembly specification, section 5.4, without integers of 64 bits. */
const PLAIN: readonly Run[] = [
  [0x00, '', 'unreachable'], [0x0d, '', 'br_if', 'label'], [0x10, '', 'call', 'function'], [0x1a, '', 'drop select'],
  [0x20, 'local', 'get set tee', 'local'],
  [0x41, 'i32', 'const', 'i32'], [0x43, 'f32', 'const', 'f32'], [0x44, 'f64', 'const', 'f64'],
  [0x45, 'i32', `eqz ${INTEGER_TESTS}`], [0x5b, 'f32', FLOAT_TESTS], [0x61, 'f64', FLOAT_TESTS],
  [0x67, 'i32', INTEGER_OPERATORS], [0x8b, 'f32', FLOAT_OPERATORS], [0x99, 'f64', FLOAT_OPERATORS],
  [0xa8, 'i32', 'trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u'],
  [0xb2, 'f32', 'convert_i32_s convert_i32_u'], [0xb6, 'f32', 'demote_f64'],
  [0xb7, 'f64', 'convert_i32_s convert_i32_u'], [0xbb, 'f64', 'promote_f32'],
  [0xbc, 'i32', 'reinterpret_f32'], [0xbe, 'f32', 'reinterpret_i32'],
];

const SATURATING: readonly Run[] = [
  [0, 'i32', 'trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u'],
];

const VECTOR_FLOATS = 'add sub mul div min max pmin pmax';

/** Vectors of 128 bits, with the relaxed ones from 0x100 on. */
const VECTORS: readonly Run[] = [
  [0x0c, 'v128', 'const', 'v128'], [0x0d, 'i8x16', 'shuffle', 'lanes'], [0x0e, 'i8x16', 'swizzle splat'],
  [0x10, 'i16x8', 'splat'], [0x11, 'i32x4', 'splat'], [0x13, 'f32x4', 'splat'], [0x14, 'f64x2', 'splat'],
  [0x15, 'i8x16', 'extract_lane_s extract_lane_u replace_lane', 'lane'],
  [0x18, 'i16x8', 'extract_lane_s extract_lane_u replace_lane', 'lane'],
  [0x1b, 'i32x4', 'extract_lane replace_lane', 'lane'],
  [0x1f, 'f32x4', 'extract_lane replace_lane', 'lane'], [0x21, 'f64x2', 'extract_lane replace_lane', 'lane'],
  [0x23, 'i8x16', INTEGER_TESTS], [0x2d, 'i16x8', INTEGER_TESTS], [0x37, 'i32x4', INTEGER_TESTS],
  [0x41, 'f32x4', FLOAT_TESTS], [0x47, 'f64x2', FLOAT_TESTS],
  [0x4d, 'v128', 'not and andnot or xor bitselect any_true'],
  [0x5e, 'f32x4', 'demote_f64x2_zero'], [0x5f, 'f64x2', 'promote_low_f32x4'],
  [0x60, 'i8x16', 'abs neg popcnt all_true bitmask'],
  [0x65, 'i8x16', 'narrow_i16x8_s narrow_i16x8_u'], [0x85, 'i16x8', 'narrow_i32x4_s narrow_i32x4_u'],
  [0x6b, 'i8x16', 'shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u'],
  [0x67, 'f32x4', 'ceil floor trunc nearest'], [0x74, 'f64x2', 'ceil floor'], [0x7a, 'f64x2', 'trunc'],
  [0x94, 'f64x2', 'nearest'],
  [0x87, 'i16x8', 'extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u'],
  [0xa0, 'i32x4', 'abs neg'], [0xa3, 'i32x4', 'all_true bitmask'],
  [0xa7, 'i32x4', 'extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u shl shr_s shr_u add'],
  [0xb1, 'i32x4', 'sub'], [0xb5, 'i32x4', 'mul min_s min_u max_s max_u dot_i16x8_s'],
  [0xc0, 'i64x2', 'abs neg'], [0xc3, 'i64x2', 'all_true bitmask'], [0xcb, 'i64x2', 'shl shr_s shr_u add'],
  [0xd1, 'i64x2', 'sub'], [0xd5, 'i64x2', 'mul eq ne lt_s gt_s le_s ge_s'],
  [0xe0, 'f32x4', 'abs neg'], [0xe3, 'f32x4', `sqrt ${VECTOR_FLOATS}`],
  [0xec, 'f64x2', 'abs neg'], [0xef, 'f64x2', `sqrt ${VECTOR_FLOATS}`],
  [0xf8, 'i32x4', 'trunc_sat_f32x4_s trunc_sat_f32x4_u'], [0xfa, 'f32x4', 'convert_i32x4_s convert_i32x4_u'],
  [0xfc, 'i32x4', 'trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero'],
  [0xfe, 'f64x2', 'convert_low_i32x4_s convert_low_i32x4_u'],
  [0x105, 'f32x4', 'relaxed_madd relaxed_nmadd'], [0x107, 'f64x2', 'relaxed_madd relaxed_nmadd'],
];

/** Accesses to memory: prefix, code, the power of two of the bytes. */
const ACCESSES: Readonly<Record<string, readonly [0 | 0xfd, number, number]>> = {
  'i32.load': [0, 0x28, 2], 'f32.load': [0, 0x2a, 2], 'f64.load': [0, 0x2b, 3],
  'i32.load8_s': [0, 0x2c, 0], 'i32.load8_u': [0, 0x2d, 0], 'i32.load16_s': [0, 0x2e, 1], 'i32.load16_u': [0, 0x2f, 1],
  'i32.store': [0, 0x36, 2], 'f32.store': [0, 0x38, 2], 'f64.store': [0, 0x39, 3],
  'i32.store8': [0, 0x3a, 0], 'i32.store16': [0, 0x3b, 1],
  'v128.load': [0xfd, 0x00, 4], 'v128.load8x8_s': [0xfd, 0x01, 3], 'v128.load8x8_u': [0xfd, 0x02, 3],
  'v128.load16x4_s': [0xfd, 0x03, 3], 'v128.load16x4_u': [0xfd, 0x04, 3], 'v128.load8_splat': [0xfd, 0x07, 0],
  'v128.load16_splat': [0xfd, 0x08, 1], 'v128.load32_splat': [0xfd, 0x09, 2], 'v128.load64_splat': [0xfd, 0x0a, 3],
  'v128.store': [0xfd, 0x0b, 4], 'v128.load32_zero': [0xfd, 0x5c, 2], 'v128.load64_zero': [0xfd, 0x5d, 3],
};

function* named(prefix: Instruction['prefix'], runs: readonly Run[]): Iterable<readonly [string, Instruction]> {
  for (const [first, type, names, immediate = 'none'] of runs) {
    for (const [i, name] of names.split(' ').entries()) {
      yield [type === '' ? name : `${type}.${name}`, { prefix, code: first + i, immediate, align: 0 }];
    }
  }
}

/** All instructions that the assembler knows, by name; blocks are none of them. */
export const INSTRUCTIONS: ReadonlyMap<string, Instruction> = new Map<string, Instruction>([
  ...named(0, PLAIN), ...named(0xfc, SATURATING), ...named(0xfd, VECTORS),
  ...Object.entries(ACCESSES).map(([name, [prefix, code, align]]) =>
    [name, { prefix, code, immediate: 'memory', align }] as const),
]);
