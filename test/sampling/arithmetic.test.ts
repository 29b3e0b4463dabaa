import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox } from '../../runtime/sampling/random.ts';
import { fractionBits, halvedWeight, HEAVIEST, integerWeights, portionOf } from '../../runtime/sampling/weights.ts';
import { mulHigh } from '../../runtime/sampling/wide.ts';

describe('philox', () => {
  it('gives the known answers of its authors', () => {
    expect(philox(0, [0, 0])).toEqual([0xff1dae59, 0x6cd10df2]);
    expect(philox(0xffffffff, [0xffffffff, 0xffffffff])).toEqual([0x2c3f628b, 0xab4fd7ad]);
    expect(philox(0x13198a2e, [0x243f6a88, 0x85a308d3])).toEqual([0xdd7ce038, 0xf62a4c12]);
  });
});

describe('integer weights', () => {
  const halvings = fc.float({ min: 0, max: Math.fround(31.98), noNaN: true });

  const temperatures = fc.double({ min: 1e-30, max: 1e6, noNaN: true });

  it('are the powers of two within the stated error', () => {
    fc.assert(
      fc.property(halvings, (y) => {
        const exact = HEAVIEST * 2 ** -y;
        // Half a unit for the last rounding, two for the products that are cut off, scaled down with the weight.
        expect(Math.abs(halvedWeight(y) - exact)).toBeLessThanOrEqual(0.5 + exact * 5e-9 + 4 * 2 ** -y);
      }),
      { numRuns: 2000 },
    );
  });

  it('are exact at whole numbers of halvings', () => {
    for (let whole = 0; whole <= 31; whole++) expect(halvedWeight(whole)).toBe(2 ** (31 - whole));
  });

  it('tie where the logits tie, whatever the temperature', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -8, max: 8 })), temperatures, (levels, temperature) => {
        const weights = integerWeights(Float32Array.from([9, ...levels, ...levels]), temperature);
        expect(weights.slice(1, 1 + levels.length)).toEqual(weights.slice(1 + levels.length));
      }),
    );
  });

  it('stay finite for logits at the ends of the f32 range', () => {
    const most = Math.fround(3.4e38);
    expect([...integerWeights(Float32Array.of(most, -most, 0, most), 1)]).toEqual([HEAVIEST, 0, 0, HEAVIEST]);
    expect([...integerWeights(Float32Array.of(Infinity, 1, Infinity), 1)]).toEqual([HEAVIEST, 0, HEAVIEST]);
    expect([...integerWeights(Float32Array.of(-Infinity, -Infinity), 1)]).toEqual([HEAVIEST, HEAVIEST]);
  });
});

describe('wide integers', () => {
  it('take the high half of a product', () => {
    expect(mulHigh(0xffffffff, 0xffffffff)).toBe(0xfffffffe);
    expect(mulHigh(0x80000000, 2)).toBe(1);
    expect(mulHigh(0x80000000, 1)).toBe(0);
  });

  it('put a portion on the right side of every integer', () => {
    expect(portionOf(2 ** 49, fractionBits(0.5))).toBe(2 ** 48);
    expect(portionOf(7, fractionBits(0.5))).toBe(3.5);
    const totals = fc.oneof(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 1, max: 2 ** 52 }));
    fc.assert(
      fc.property(totals, fc.integer({ min: 1, max: 0xffff_ffff }), (total, bits) => {
        const exact = BigInt(total) * BigInt(bits);
        const near = Math.floor(portionOf(total, bits));
        for (const integer of [near, near + 1]) {
          expect(integer <= portionOf(total, bits)).toBe(BigInt(integer) << 32n <= exact);
          expect(integer < portionOf(total, bits)).toBe(BigInt(integer) << 32n < exact);
        }
      }),
    );
  });
});
