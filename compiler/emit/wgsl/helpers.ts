import type { Monoid } from '../../../dsl/node.ts';
import { EXPONENTIAL } from './exponential.ts';
import { combined } from './operators.ts';
import { POWER } from './power.ts';
import { UNPACKING } from './unpacking.ts';

/** A function that a kernel may call. */
export interface Helper {
  readonly name: string;
  readonly code: string;
}

/** The same function of four numbers at once. */
function fourOf(name: string, ...parameters: readonly string[]): Helper {
  const each = [...'xyzw'].map((i) => `${name}(${parameters.map((p) => `${p}.${i}`).join(', ')})`);
  return {
    name: `four_${name}`,
    code: `fn four_${name}(${parameters.map((p) => `${p}: vec4<f32>`).join(', ')}) -> vec4<f32> {
  return vec4<f32>(${each.join(', ')});
}`,
  };
}

/** Each is put into a module only when its name appears in the code. */
const HELPERS: readonly Helper[] = [
  {
    name: 'infinity_bits',
    code: `// Not a constant expression: WGSL rejects those that are infinite.
var<private> infinity_bits: u32 = 0x7f800000u;`,
  },
  { name: 'nan_bits', code: 'var<private> nan_bits: u32 = 0x7fc00000u;' },
  {
    name: 'hyperbolic_tangent',
    code: `// Beyond ±10 the result is ±1 to the last bit, and some drivers overflow.
fn hyperbolic_tangent(x: f32) -> f32 { return tanh(clamp(x, -10f, 10f)); }`,
  },
  {
    name: 'nearest_f16',
    code: `// The nearest binary16, ties to even, by its bits: the built-in function may leave out what is small or large.
fn nearest_f16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return x; }
  let sign = bits & 0x80000000u;
  if (size < 0x38800000u) {
    return bitcast<f32>(bitcast<u32>(round(bitcast<f32>(size) * 16777216f) * 5.9604644775390625e-8f) | sign);
  }
  let cut = (size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u;
  return bitcast<f32>(select(cut, 0x7f800000u, cut >= 0x47800000u) | sign);
}`,
  },
  {
    name: 'as_rounded',
    code: `// The number as it was rounded: behind a change of no bits that drivers cannot see through,
// (x + y) - x is not y.
fn as_rounded(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ u32(sizes.one - 1)); }`,
  },
  {
    name: 'add_product',
    code: `// A sum and what its roundings lost, with one more product: each part is exact (Ogita, Rump and Oishi 2005).
fn add_product(a: f32, b: f32, sum: vec2<f32>) -> vec2<f32> {
  let product = as_rounded(a * b);
  let next = as_rounded(sum.x + product);
  let part = as_rounded(next - sum.x);
  let lost = (sum.x - (next - part)) + (product - part);
  // The product of halves is exact, where a driver's fma need not be fused.
  let a_high = top_half(a);
  let b_high = top_half(b);
  let rest = ((a_high * b_high - product) + a_high * (b - b_high) + (a - a_high) * b_high)
    + (a - a_high) * (b - b_high);
  return vec2<f32>(next, sum.y + (lost + rest));
}
fn top_half(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }`,
  },
  ...UNPACKING,
  { name: 'exponential', code: EXPONENTIAL },
  { name: 'power', code: POWER },
  fourOf('exponential', 'x'), fourOf('power', 'x', 'y'), fourOf('hyperbolic_tangent', 'x'),
  fourOf('nearest_f16', 'x'),
  {
    name: 'random_uniform',
    code: `fn permute(x: u32) -> u32 {
  let state = x * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}
fn random_uniform(seed: u32, index: i32) -> f32 { return f32(permute(permute(u32(index)) + seed) >> 8u) / 16777216f; }`,
  },
];

/** The helpers that `code` uses, directly or through another helper. */
export function helpersFor(code: string): string {
  let text = '';
  for (const h of [...HELPERS].reverse()) {
    if (mentions(code + text, h.name)) text = `${h.code}\n${text}`;
  }
  return text;
}

const mentions = (code: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(code);

/**
 * A total over the lanes of a workgroup: by the subgroup operation where a workgroup is one subgroup, else by halving.
 */
export function laneTotal(monoid: Monoid, lanes: number, subgroup: boolean): string {
  const name = `lanes_${monoid}`;
  if (subgroup) {
    const builtin = {
      sum: 'subgroupAdd', compensated: 'subgroupAdd', prod: 'subgroupMul', max: 'subgroupMax', min: 'subgroupMin',
    }[monoid];
    return `fn ${name}(value: f32, lane: i32) -> f32 { return ${builtin}(value); }`;
  }
  return `fn ${name}(value: f32, lane: i32) -> f32 {
  partial[lane] = value;
  workgroupBarrier();
  for (var half = ${lanes / 2}; half > 0; half /= 2) {
    if (lane < half) { partial[lane] = ${combined(monoid, 'partial[lane]', 'partial[lane + half]')}; }
    workgroupBarrier();
  }
  let total = partial[0];
  workgroupBarrier();
  return total;
}`;
}

export const partialArray = (lanes: number): string => `var<workgroup> partial: array<f32, ${lanes}>;`;


/**
 * The sums over the lanes of a subgroup of as many values as there are lanes, the i-th for lane i. At each step a lane
 * adds up its own half of what it still has, and gives the other half away.
 */
export function dealtSum(lanes: number): string {
  const names = Array.from({ length: lanes }, (_, i) => `v${i}`);
  const steps: string[] = [];
  for (let half = lanes / 2; half >= 1; half /= 2) {
    const upper = `(lane & ${half}) != 0`;
    for (let i = 0; i < half; i++) {
      const before = half === lanes / 2 ? 'v' : `s${2 * half}_`;
      const [a, b] = [`${before}${i}`, `${before}${i + half}`];
      const given = `subgroupShuffleXor(select(${b}, ${a}, ${upper}), ${half}u)`;
      steps.push(`let s${half}_${i} = select(${a}, ${b}, ${upper}) + ${given};`);
    }
  }
  return `fn dealt_sum(${names.map((n) => `${n}: f32`).join(', ')}, lane: i32) -> f32 {
${steps.map((s) => `  ${s}`).join('\n')}
  return s1_0;
}`;
}
