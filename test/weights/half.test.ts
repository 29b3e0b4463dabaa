import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { narrowToBf16, narrowToF16, widenBf16, widenF16 } from '../../runtime/safetensors/half.ts';

const PATTERNS = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

/** The value of an IEEE format by its definition, in float64: (-1)^s · 2^(e - bias) · 1.f, or subnormal. */
function definition(bits: number, fractionBits: number, exponentBits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const top = 2 ** exponentBits - 1;
  const exponent = (bits >>> fractionBits) & top;
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === top) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

const FORMATS = [
  { name: 'F16', widen: widenF16, narrow: narrowToF16, value: (bits: number) => definition(bits, 10, 5) },
  { name: 'BF16', widen: widenBf16, narrow: narrowToBf16, value: (bits: number) => definition(bits, 7, 8) },
];

describe.each(FORMATS)('$name', ({ widen, narrow, value }) => {
  const widened = new Float32Array(65536);
  widen(PATTERNS, widened);
  const nearest = (x: number): number => narrow(Float32Array.of(x))[0]!;
  const magnitudes = Array.from({ length: 0x8000 }, (_, bits) => bits).filter((bits) => !Number.isNaN(value(bits)));

  it('widens every bit pattern to the value that the format defines', () => {
    const wrong = [...PATTERNS].filter((bits) => !Object.is(widened[bits], value(bits)));
    expect(wrong).toEqual([]);
  });

  it('gives every bit pattern back, NaN payloads included', () => {
    expect(narrow(widened)).toEqual(PATTERNS);
  });

  it('rounds a midpoint to the even neighbour, and anything beyond it to the nearer one', () => {
    const infinity = magnitudes.at(-1)!;
    // As if the exponent range went on: where rounding turns to infinity.
    const upper = (bits: number): number => (bits === infinity ? 2 * value(bits - 1) - value(bits - 2) : value(bits));
    const wrong = magnitudes.slice(1).filter((bits) => {
      const midpoint = (value(bits - 1) + upper(bits)) / 2;
      // Midpoints below float32's smallest subnormals cannot be asked about.
      if (Math.fround(midpoint) !== midpoint) return true;
      const even = bits % 2 === 0 ? bits : bits - 1;
      const step = Math.max(midpoint * 2 ** -23, 2 ** -149);
      return (
        nearest(midpoint) !== even || nearest(midpoint + step) !== bits || nearest(midpoint - step) !== bits - 1
      );
    });
    expect(wrong).toEqual([]);
  });

  it('law: narrowing is odd and monotone, and never off by more than half a step', () => {
    const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(value(nearest(low))).toBeLessThanOrEqual(value(nearest(high)));
        expect(nearest(-a)).toBe(nearest(a) ^ 0x8000);
        const bits = nearest(Math.abs(a));
        for (const neighbour of [bits - 1, bits + 1]) {
          if (neighbour < 0 || !Number.isFinite(value(neighbour)) || !Number.isFinite(value(bits))) continue;
          expect(Math.abs(value(bits) - Math.abs(a))).toBeLessThanOrEqual(Math.abs(value(neighbour) - Math.abs(a)));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('law: a NaN stays a NaN', () => {
    const payloads = fc.integer({ min: 1, max: 0x7fffff });
    fc.assert(
      fc.property(payloads, fc.boolean(), (payload, negative) => {
        const bits = Uint32Array.of((negative ? 0x80000000 : 0) + 0x7f800000 + payload);
        expect(value(narrow(new Float32Array(bits.buffer))[0]!)).toBeNaN();
      }),
    );
  });
});
