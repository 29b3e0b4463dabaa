import { test as law } from '@fast-check/vitest';
import binaryen from 'binaryen';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MATH, mathFor } from '../../compiler/emit/wasm/math/index.ts';
import type { MathFunction } from '../../compiler/emit/wasm/math/index.ts';
import { randomUniform } from '../../compiler/interpret/random.ts';
import { applyOp } from '../../dsl/scalar/expr.ts';
import { narrowToF16, widenF16 } from '../../runtime/safetensors/half.ts';

/** Numbers that one call takes, and where arrays lie: four of arguments, one of results. */
const CAPACITY = 2 ** 18;
const ARRAY_BYTES = 4 * CAPACITY;
const RESULTS = 4;

/** An instance of a module that needs no more than plain SIMD. */
async function instantiated(text: string): Promise<WebAssembly.Instance> {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.SIMD128);
  if (module.validate() === 0) throw new Error(`not valid: ${text}`);
  const binary = module.emitBinary();
  module.dispose();
  const { instance } = await WebAssembly.instantiate(binary, {});
  return instance;
}

/** A loop over the arrays in memory, four numbers at a time. */
function loopOver(f: MathFunction): string {
  const array = (i: number): string => `(v128.load offset=${i * ARRAY_BYTES} (local.get $at))`;
  const args = f.name === 'random_uniform' ? [array(0), '(local.get $seed)']
    : Array.from({ length: f.params }, (_, i) => array(i));
  const step = `(v128.store offset=${RESULTS * ARRAY_BYTES} (local.get $at) (call $${f.name} ${args.join(' ')}))`;
  return `(func (export "${f.name}") (param $end i32) (param $seed i32) (local $at i32)
    (loop $next ${step}
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end)))))`;
}

const PAGES = 5 * ARRAY_BYTES / 65536;
const { exports } = await instantiated(`(module (memory (export "memory") ${PAGES})
  ${mathFor(MATH.map((f) => f.name))} ${MATH.map(loopOver).join('\n')})`);
const memory = exports.memory as WebAssembly.Memory;

type Arrays = readonly (Float32Array | readonly number[])[];

/** The results of a function of the module over arrays of one length, a multiple of four. */
function run(name: string, args: Arrays): Float32Array {
  const { length } = args[0];
  args.forEach((a, i) => new Float32Array(memory.buffer, i * ARRAY_BYTES, length).set(a));
  (exports[name] as (end: number, seed: number) => void)(4 * length, 0);
  return new Float32Array(memory.buffer, RESULTS * ARRAY_BYTES, length).slice();
}

const LIMIT = 2 ** 128;
const limited = (x: number): number => Math.max(-LIMIT, Math.min(LIMIT, x));

/** How far apart two numbers lie, in units of the last place that a single near `truth` has; ±∞ counts as ±2^128. */
function ulps(got: number, truth: number): number {
  if (Number.isNaN(got) || Number.isNaN(truth)) return Number.isNaN(got) && Number.isNaN(truth) ? 0 : Infinity;
  const size = Math.min(Math.abs(truth), LIMIT / 2);
  let exponent = -126;
  if (size > 2 ** -126) {
    exponent = Math.floor(Math.log2(size));
    if (2 ** exponent > size) exponent--;
  }
  return Math.abs(limited(got) - limited(truth)) / 2 ** (exponent - 23);
}

const distance = (got: number, truth: number): number =>
  (Number.isNaN(got) && Number.isNaN(truth) ? 0 : Math.abs(got - truth));

/** Equal as numbers, or both none; +0 is −0 if `zeros` says so. */
const apart = (zeros: 'signed' | 'alike') => (got: number, truth: number): number =>
  (Object.is(got, truth) || (zeros === 'alike' && got === truth) ? 0 : Infinity);

interface Claim {
  readonly name: 'exp' | 'log' | 'tanh' | 'sin' | 'cos' | 'round' | 'toF16' | 'sign' | 'pow' | 'mod';
  /** What the function is called by, where not by that name. */
  readonly called?: string;
  readonly error: (got: number, truth: number) => number;
  /** The largest error allowed. */
  readonly bound: number;
  /** Arguments for which it is claimed: all, if missing. */
  readonly within?: (x: number) => boolean;
}

/** The interpreter's doubles are the truth: they miss by some 2^-29 of a single's last place, too little to matter. */
const UNARY: readonly Claim[] = [
  { name: 'exp', error: ulps, bound: 2 },
  { name: 'log', error: ulps, bound: 2 },
  { name: 'tanh', error: ulps, bound: 4 },
  { name: 'sin', error: distance, bound: 2 ** -22, within: (x) => !(Math.abs(x) > 1e5 && Number.isFinite(x)) },
  { name: 'cos', error: distance, bound: 2 ** -22, within: (x) => !(Math.abs(x) > 1e5 && Number.isFinite(x)) },
  // The interpreter rounds −½ to +0 and −0.3 to −0.
  { name: 'round', error: apart('alike'), bound: 0 },
  { name: 'toF16', called: 'nearest_f16', error: apart('signed'), bound: 0 },
  { name: 'sign', error: apart('signed'), bound: 0 },
];
const POW: Claim = { name: 'pow', error: ulps, bound: 4 };
const MOD: Claim = { name: 'mod', error: apart('signed'), bound: 0 };

/** Compares a function over arrays with the truth, and names the worst arguments. */
function expectClaim(claim: Claim, args: Arrays): void {
  const got = run(claim.called ?? claim.name, args);
  let worst = { error: -1, at: -1 };
  for (let i = 0; i < got.length; i++) {
    const [a, b] = args.map((array) => array[i]);
    if (claim.within?.(a) === false) continue;
    const error = claim.error(got[i], applyOp(claim.name, a, b));
    if (error > worst.error) worst = { error, at: i };
  }
  const at = args.map((array) => array[worst.at]);
  expect(worst.error, `${claim.name}(${at.join(', ')}) = ${got[worst.at]}`).toBeLessThanOrEqual(claim.bound);
}

const filled = (value: (i: number) => number, length = CAPACITY): Float32Array =>
  Float32Array.from({ length }, (_, i) => value(i));

/** Singles over all exponents and both signs: every 2^14th, with lower bits that vary; `salt` gives other ones. */
function overAllBits(salt = 0): Float32Array {
  const bits = new Uint32Array(CAPACITY);
  for (let i = 0; i < CAPACITY; i++) bits[i] = i * 2 ** 14 + (Math.imul(i + salt, 0x9e3779b1) >>> 18);
  return new Float32Array(bits.buffer);
}

/** The same in an order that has nothing to do with the first. */
function shuffled(values: Float32Array): Float32Array {
  return filled((i) => values[Math.imul(i, 0x9e3779b1) >>> 14 & (CAPACITY - 1)]);
}

const between = (low: number, high: number) => (i: number): number => low + (high - low) * i / (CAPACITY - 1);

const RANGES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  exp: [[-104.5, -86], [-87, 0], [-1, 1], [0, 89]],
  log: [[0, 1e-37], [0.4, 2.5], [0.999, 1.001], [0, 1e4]],
  tanh: [[-1, 1], [-10, 10], [-1e-3, 1e-3]],
  sin: [[-1, 1], [-30, 30], [-1000, 1000], [-1e5, 1e5]],
  cos: [[-1, 1], [-30, 30], [-1000, 1000], [-1e5, 1e5]],
  round: [[-8, 8], [2 ** 22, 2 ** 24]],
  toF16: [[-1, 1], [-(2 ** -13), 2 ** -13], [-70000, 70000]],
  sign: [[-1, 1]],
};

const SPECIAL = [
  0, -0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 1e-9, 1e4, 88.72283, 88.722839, 89, -87.33655,
  -103.97208, -103.9721, -104, 2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126), 2 ** -126 - 2 ** -149, 2 ** 24,
  2 ** 24 - 1, 1 - 2 ** 24, -(2 ** 24), 2 ** 23 + 0.5, 1 - 2 ** -24, 1 + 2 ** -23, Math.PI, -Math.PI / 2,
  3.4028234663852886e38, -3.4028234663852886e38, Infinity, -Infinity, NaN,
].map(Math.fround);

const padded = (values: readonly number[]): readonly number[] =>
  [...values, ...Array.from({ length: (4 - values.length % 4) % 4 }, () => 0)];

const float = fc.float();
const lanes = fc.tuple(float, float, float, float);
/** Singles by their bits: all exponents alike, subnormal numbers and every kind of NaN among them. */
const anyBits = fc.integer({ min: 0, max: 0xffffffff }).map((b) => new Float32Array(Uint32Array.of(b).buffer)[0]);
const lanesOfBits = fc.tuple(anyBits, anyBits, anyBits, anyBits);
const anyLanes = fc.oneof(lanes, lanesOfBits);

describe.each(UNARY)('$name', (claim) => {
  law.prop([anyLanes], { numRuns: 2000 })('is within its bound for any numbers', (x) => expectClaim(claim, [x]));

  test('is within its bound over all exponents', () => {
    expectClaim(claim, [overAllBits()]);
    expectClaim(claim, [overAllBits(12345)]);
  });

  test.each(RANGES[claim.name])('is within its bound from %d to %d', (low, high) =>
    expectClaim(claim, [filled(between(low, high))]));

  test('has the special values of the interpreter', () => expectClaim(claim, [padded(SPECIAL)]));
});

describe('nearest_f16', () => {
  test('is what a checkpoint in half precision holds, and leaves every binary16 as it is', () => {
    const singles = overAllBits();
    const rounded = new Float32Array(CAPACITY);
    widenF16(narrowToF16(singles), rounded);
    expect(run('nearest_f16', [singles])).toEqual(rounded);
    expect(run('nearest_f16', [rounded])).toEqual(rounded);
  });
});

describe('pow', () => {
  law.prop([anyLanes, anyLanes], { numRuns: 4000 })('is within its bound for any numbers', (x, y) =>
    expectClaim(POW, [x, y]));

  test('is within its bound over all bases and exponents', () =>
    expectClaim(POW, [overAllBits(), shuffled(overAllBits(7))]));

  test('is within its bound over a grid of bases 1e-9 … 1e4 and exponents −40 … 40', () => {
    const base = filled((i) => 1e-9 * 1e13 ** (Math.floor(i / 512) / 511));
    expectClaim(POW, [base, filled((i) => -40 + 80 * (i % 512) / 511)]);
    expectClaim(POW, [base, filled((i) => -2 + 4 * (i % 512) / 511)]);
  });

  test('is within its bound near 1, with large exponents', () => {
    const base = filled((i) => 1 + (Math.floor(i / 512) - 256) * 2 ** -20);
    expectClaim(POW, [base, filled((i) => ((i % 512) - 255.5) * 1e3)]);
  });

  test('is within its bound for all positive bases with results that are numbers', () => {
    const base = overAllBits().map(Math.abs);
    expectClaim(POW, [base, filled((i) => Math.sin(i) * 127 / Math.max(1, Math.abs(Math.log2(base[i]))))]);
  });

  test('gives negative bases the sign of an integer power', () =>
    expectClaim(POW, [filled((i) => -(0.01 + i / 1e4)), filled((i) => (i % 41) - 20)]));

  test('has the special values of the interpreter, zeros with their signs', () => {
    const pairs = SPECIAL.flatMap((x) => SPECIAL.map((y) => [x, y] as const));
    const [x, y] = [padded(pairs.map((p) => p[0])), padded(pairs.map((p) => p[1]))];
    expectClaim(POW, [x, y]);
    const signed = [0, -0, Infinity, -Infinity, 1, -1];
    const got = run('pow', [x, y]);
    pairs.forEach(([a, b], i) => {
      const truth = Math.fround(a ** b);
      if (signed.includes(truth)) expect(got[i], `pow(${a}, ${b})`).toBe(truth);
    });
  });
});

describe('sin and cos', () => {
  test.each(['sin', 'cos'])('%s stays within −1 … 1 however large its argument', (name) => {
    const x = overAllBits().filter(Number.isFinite);
    const got = run(name, [x.subarray(0, x.length - x.length % 4)]);
    expect(got.every((s) => Math.abs(s) <= 1)).toBe(true);
  });
});

describe('mod', () => {
  law.prop([anyLanes, anyLanes], { numRuns: 4000 })('is exact for any numbers', (a, b) => expectClaim(MOD, [a, b]));

  test('is exact over all dividends and divisors', () => expectClaim(MOD, [overAllBits(), shuffled(overAllBits(7))]));

  test('is exact for quotients of all sizes around 2^24', () => {
    const b = filled((i) => 1 + i / CAPACITY);
    expectClaim(MOD, [filled((i) => Math.fround(b[i] * (2 ** (i % 30) + (i % 7)))), b]);
  });

  test('has the special values of the interpreter', () => {
    const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b] as const));
    expectClaim(MOD, [padded(pairs.map((p) => p[0])), padded(pairs.map((p) => p[1]))]);
  });
});

describe('random_uniform', () => {
  const draw = (seed: number, index: readonly number[] | Int32Array): Float32Array => {
    new Int32Array(memory.buffer, 0, index.length).set(index);
    (exports.random_uniform as (end: number, seed: number) => void)(4 * index.length, seed);
    return new Float32Array(memory.buffer, RESULTS * ARRAY_BYTES, index.length).slice();
  };
  const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

  const words = fc.tuple(word, word, word, word);

  law.prop([word, words], { numRuns: 1000 })('draws what the interpreter draws', (seed, at) => {
    expect([...draw(seed, at)]).toEqual(at.map((i) => randomUniform(seed, i)));
  });

  test('draws what the interpreter draws over the first indices', () => {
    const index = Int32Array.from({ length: 2 ** 16 }, (_, i) => i);
    expect(draw(42, index)).toEqual(Float32Array.from(index, (i) => randomUniform(42, i)));
  });
});

describe('lanes', () => {
  /** Without the parts of other functions, whose lanes may be doubles. */
  const functions = MATH.filter((f) => f.name !== 'random_uniform' && !MATH.some((m) => m.needs.includes(f.name)));

  law.prop([fc.constantFrom(...functions), anyLanes, anyLanes, anyLanes, anyLanes], { numRuns: 2000 })(
    'do not depend on one another: each is what four copies of it give', (f, ...all) => {
      const args = all.slice(0, f.params);
      const got = run(f.name, args);
      for (const lane of [0, 1, 2, 3]) {
        const alone = run(f.name, args.map((x) => [x[lane], x[lane], x[lane], x[lane]]));
        expect([...alone]).toEqual([got[lane], got[lane], got[lane], got[lane]]);
      }
    },
  );

  test('of f32x4.min and f32x4.max are those of the interpreter, so that no function is needed', async () => {
    const instance = await instantiated(`(module ${['min', 'max'].map((op) =>
      `(func (export "${op}") (param $a f32) (param $b f32) (result f32) (f32x4.extract_lane 0
        (f32x4.${op} (f32x4.splat (local.get $a)) (f32x4.splat (local.get $b)))))`).join('\n')})`);
    for (const op of ['min', 'max'] as const) {
      const f = instance.exports[op] as (a: number, b: number) => number;
      for (const a of SPECIAL) for (const b of SPECIAL) expect(f(a, b)).toBe(applyOp(op, a, b));
    }
  });
});

describe('mathFor', () => {
  law.prop([fc.subarray(MATH.map((f) => f.name))], { numRuns: 50 })(
    'gives a module with what is used and what that needs, each once, callees first', async (used) => {
      const text = mathFor(used);
      await instantiated(`(module ${text})`);
      const defined = [...text.matchAll(/\(func \$(\w+)/g)].map((m) => m[1]);
      expect(new Set(defined).size).toBe(defined.length);
      expect(defined).toEqual(expect.arrayContaining(used));
      const calls = new Set([...text.matchAll(/\(call \$(\w+)/g)].map((m) => m[1]));
      expect(defined.filter((name) => !calls.has(name) && !used.includes(name))).toEqual([]);
      for (const f of MATH.filter((m) => defined.includes(m.name))) {
        f.needs.forEach((n) => expect(defined.indexOf(n)).toBeLessThan(defined.indexOf(f.name)));
      }
    },
  );

  test('rejects a name that no function has', () => {
    expect(() => mathFor(['exp', 'sinh'])).toThrow('emit: there is no math function "sinh"');
  });
});
