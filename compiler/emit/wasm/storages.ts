import type { IntegerStorage, Storage } from '../../../dsl/node.ts';
import { f32Literal, i32, instruction, value, type LaneType, type Value } from './value.ts';

/**
 * A binary16 is shifted so that its fraction begins where an f32's does, and keeps its sign. Its exponents count from 112
 * less than an f32's, which one exact product makes up for, also for its smallest numbers.
 */
const HALF_BITS = 0x8fffffff | 0;
const HALF_SCALE = f32Literal(2 ** 112);

/** One number at an address (`offset=… address`); a number kept in fewer bits becomes the f32 that it stands for. */
export function loaded(type: LaneType, storage: Storage, address: string): Value {
  switch (storage) {
    case 'f32': return value(type, `(${type}.load ${address})`);
    case 'bf16': return value('f32', `(f32.reinterpret_i32 (i32.shl (i32.load16_u ${address}) ${i32(16)}))`);
    case 'f16': {
      const bits = `(i32.and (i32.shl (i32.load16_s ${address}) ${i32(13)}) ${i32(HALF_BITS)})`;
      return value('f32', `(f32.mul (f32.reinterpret_i32 ${bits}) ${HALF_SCALE})`);
    }
    case 'int8': return value('f32', `(f32.convert_i32_s (i32.load8_s ${address}))`);
    case 'int16': return value('f32', `(f32.convert_i32_s (i32.load16_s ${address}))`);
  }
}

/** Four numbers side by side. */
export function loadedWide(storage: Storage, address: string): Value {
  switch (storage) {
    case 'f32': return value('v128', `(v128.load ${address})`);
    case 'bf16': return value('v128', `(i32x4.shl (v128.load16x4_u ${address}) ${i32(16)})`);
    case 'f16': {
      const shifted = `(i32x4.shl (v128.load16x4_s ${address}) ${i32(13)})`;
      const bits = `(v128.and ${shifted} (i32x4.splat ${i32(HALF_BITS)}))`;
      return value('v128', `(f32x4.mul ${bits} (f32x4.splat ${HALF_SCALE}))`);
    }
    case 'int8': {
      const halves = `(i16x8.extend_low_i8x16_s (v128.load32_zero ${address}))`;
      return value('v128', `(f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s ${halves}))`);
    }
    case 'int16': return value('v128', `(f32x4.convert_i32x4_s (v128.load16x4_s ${address}))`);
  }
}

/** Eight integers side by side, each of 16 bits. */
export const loadedIntegers = (storage: IntegerStorage, address: string): string =>
  (storage === 'int8' ? `(v128.load8x8_s ${address})` : `(v128.load ${address})`);

/** The instruction that stores one number, which is one that the storage can hold. */
export function stored(type: LaneType, storage: Storage, address: string, x: Value): string {
  switch (storage) {
    case 'f32': return `(${type}.store ${address} ${x.code})`;
    case 'int8': return `(i32.store8 ${address} (i32.trunc_sat_f32_s ${x.code}))`;
    case 'int16': return `(i32.store16 ${address} (i32.trunc_sat_f32_s ${x.code}))`;
    case 'bf16': case 'f16': throw onlyGiven(storage);
  }
}

/** The instruction that stores four numbers side by side. */
export function storedWide(storage: Storage, address: string, x: Value): string {
  const integers = instruction('v128', 'i32x4.trunc_sat_f32x4_s', x);
  const none = value('v128', '(v128.const i32x4 0 0 0 0)');
  const halves = instruction('v128', 'i16x8.narrow_i32x4_s', integers, none);
  switch (storage) {
    case 'f32': return `(v128.store ${address} ${x.code})`;
    case 'int8': return `(f32.store ${address} (f32x4.extract_lane 0 (i8x16.narrow_i16x8_s ${halves.code} ${none.code})))`;
    case 'int16': return `(f64.store ${address} (f64x2.extract_lane 0 ${halves.code}))`;
    case 'bf16': case 'f16': throw onlyGiven(storage);
  }
}

const onlyGiven = (storage: Storage): Error => new Error(`emit: ${storage} is for weights, which no kernel stores`);
