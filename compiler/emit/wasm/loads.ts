import type { Storage } from '../../../dsl/node.ts';
import { value, type LaneType, type Value } from './value.ts';

/** One number at an address (`offset=… address`); a number kept in fewer bits becomes the f32 that it stands for. */
export function loaded(type: LaneType, storage: Storage, address: string): Value {
  switch (storage) {
    case 'f32': return value(type, `(${type}.load ${address})`);
    case 'bf16': return value('f32', `(f32.reinterpret_i32 (i32.shl (i32.load16_u ${address}) (i32.const 16)))`);
    case 'int8': return value('f32', `(f32.convert_i32_s (i32.load8_s ${address}))`);
  }
}

/** Four numbers side by side. */
export function loadedWide(storage: Storage, address: string): Value {
  switch (storage) {
    case 'f32': return value('v128', `(v128.load ${address})`);
    case 'bf16': return value('v128', `(i32x4.shl (v128.load16x4_u ${address}) (i32.const 16))`);
    case 'int8': {
      const halves = `(i16x8.extend_low_i8x16_s (v128.load32_zero ${address}))`;
      return value('v128', `(f32x4.convert_i32x4_s (i32x4.extend_low_i16x8_s ${halves}))`);
    }
  }
}
