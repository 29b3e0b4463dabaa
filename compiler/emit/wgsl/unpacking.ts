import type { Helper } from './helpers.ts';

/**
 * Numbers of fewer bits from the words that hold them, the first in a word's lowest bits: entry `i` of all, given its
 * word, and four side by side from all of their words.
 */
export const UNPACKING: readonly Helper[] = [
  {
    name: 'bf16_at',
    code: `fn bf16_at(word: u32, i: i32) -> f32 {
  return bitcast<f32>(select(word << 16u, word & 0xffff0000u, i % 2 == 1));
}`,
  },
  {
    name: 'four_bf16',
    code: `fn four_bf16(words: vec2<u32>) -> vec4<f32> {
  return bitcast<vec4<f32>>(
    vec4<u32>(words.x << 16u, words.x & 0xffff0000u, words.y << 16u, words.y & 0xffff0000u));
}`,
  },
  { name: 'f16_at', code: 'fn f16_at(word: u32, i: i32) -> f32 { return unpack2x16float(word)[i % 2]; }' },
  {
    name: 'four_f16',
    code: `fn four_f16(words: vec2<u32>) -> vec4<f32> {
  return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}`,
  },
  {
    name: 'int8_at',
    code: `fn int8_at(word: u32, i: i32) -> f32 {
  return f32(extractBits(bitcast<i32>(word), u32(i % 4) * 8u, 8u));
}`,
  },
  {
    name: 'four_int8',
    code: `fn four_int8(word: u32) -> vec4<f32> {
  return vec4<f32>((vec4<i32>(bitcast<i32>(word)) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u));
}`,
  },
];
