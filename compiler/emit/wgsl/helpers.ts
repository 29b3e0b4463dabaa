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

