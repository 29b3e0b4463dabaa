import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bf16Words, f16Words, firstBeyondF16, int8Words, quantized } from '../../runtime/narrow.ts';
import { widenF16 } from '../../runtime/safetensors/half.ts';
import { integersOf, widened } from '../support/narrow.ts';

const LARGE = Math.fround(1e30);
const floats = fc.float32Array({ minLength: 1, maxLength: 67, noNaN: true, min: -LARGE, max: LARGE });

describe('numbers of fewer bits', () => {
  test('bf16 is the nearest number with 8 significant bits', () => fc.assert(fc.property(floats, (x) => {
    widened(bf16Words(x), x.length).forEach((v, i) => {
      expect(Math.abs(v - x[i])).toBeLessThanOrEqual(Math.max(2 ** -8 * Math.abs(x[i]), 2 ** -134));
    });
  })));

  test('f16 is the nearest number with 11 significant bits', () => fc.assert(fc.property(
    fc.float32Array({ minLength: 1, maxLength: 67, noNaN: true, min: -65504, max: 65504 }), (x) => {
      widened(f16Words(x), x.length, widenF16).forEach((v, i) => {
        expect(Math.abs(v - x[i])).toBeLessThanOrEqual(Math.max(2 ** -11 * Math.abs(x[i]), 2 ** -25));
      });
    },
  )));

  test('a number is beyond f16 where the nearest of its numbers is not finite', () => fc.assert(fc.property(
    fc.oneof(fc.float(), fc.float({ min: 65472, max: 65568 }), fc.float({ min: -65568, max: -65472 })), (v) => {
      const x = Float32Array.of(1, v, 2);
      const isFinite = Number.isFinite(widened(f16Words(x), 3, widenF16)[1]);
      expect(firstBeyondF16(x)).toBe(isFinite ? undefined : 1);
    },
  )));

  test('int8 is the nearest integer from -127 to 127', () => fc.assert(fc.property(
    fc.float32Array({ minLength: 1, maxLength: 67, noNaN: true, min: -200, max: 200 }), (x) => {
      integersOf(int8Words(x), x.length).forEach((v, i) => {
        const inside = Math.min(127, Math.max(-127, x[i]));
        expect(Math.abs(v - inside)).toBeLessThanOrEqual(0.5);
      });
    },
  )));

  test('rows times their scales are within half a step of what they were, and the largest number is ±127', () =>
    fc.assert(fc.property(floats, fc.integer({ min: 1, max: 20 }), (x, row) => {
      const { integers, scales } = quantized(x, row);
      const q = integersOf(integers, x.length);
      expect(scales.length).toBe(Math.ceil(x.length / row));
      x.forEach((v, i) => {
        const scale = scales[Math.floor(i / row)];
        // A scale below the smallest normal number has few bits of its own.
        expect(Math.abs(q[i] * scale - v)).toBeLessThanOrEqual(0.5001 * scale + 127 * 2 ** -149);
      });
      scales.forEach((scale, r) => {
        const largest = Math.max(...Array.from(q.subarray(r * row, (r + 1) * row), Math.abs));
        if (scale > 2 ** -126) expect(largest).toBe(127);
      });
    })));

  test('words are filled up with zeros', () => {
    expect([...new Uint8Array(int8Words(Float32Array.of(1, -1, 3, 4, 5)).buffer)]).toEqual([1, 255, 3, 4, 5, 0, 0, 0]);
    expect([...new Uint8Array(bf16Words(Float32Array.of(1)).buffer)]).toEqual([0x80, 0x3f, 0, 0]);
  });
});
