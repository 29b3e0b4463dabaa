import type { Dense } from '../../../compiler/interpret/dense.ts';
import type { BoundedDense } from './graph.ts';

/** The first entry that lies further from the exact value than its bound, in words; undefined where all lie within. */
export function firstOutside(name: string, got: Dense, expected: BoundedDense): string | undefined {
  const { value, error } = expected;
  if (got.names.join() !== value.names.join() || got.sizes.join() !== value.sizes.join()) {
    return `${name} is ${shape(got)}, and should be ${shape(value)}`;
  }
  for (let i = 0; i < value.data.length; i++) {
    // A difference that is not a number is outside of every finite bound.
    if (error[i] === Infinity || Math.abs(got.data[i] - value.data[i]) <= error[i]) continue;
    return `${name}[${i}] is ${got.data[i]}, and should be ${value.data[i]} ± ${error[i]}`;
  }
  return undefined;
}

/** The first entry of two results that lie further apart than both may err together, in words. */
export function firstApart(name: string, a: Dense, b: Dense, { error }: BoundedDense): string | undefined {
  if (a.names.join() !== b.names.join() || a.sizes.join() !== b.sizes.join()) {
    return `${name} is ${shape(a)}, and elsewhere ${shape(b)}`;
  }
  const at = error.findIndex((e, i) => e !== Infinity && !(Math.abs(a.data[i] - b.data[i]) <= 2 * e));
  if (at < 0) return undefined;
  return `${name}[${at}] is ${a.data[at]}, and elsewhere ${b.data[at]}; each should be within ${error[at]}`;
}

const shape = (d: Dense): string => `[${d.names.map((n, i) => `${n}: ${d.sizes[i]}`).join(', ')}]`;

/** The share of entries whose bound is below a thousandth of the largest value: what the comparison really checks. */
export function sharpShare(expected: readonly BoundedDense[]): number {
  const entries = expected.flatMap(({ value, error }) => {
    const scale = Math.max(1e-3, value.data.reduce((top, v) => Math.max(top, Math.abs(v)), 0));
    return [...error].map((e) => e <= 1e-3 * scale);
  });
  return entries.filter((sharp) => sharp).length / Math.max(1, entries.length);
}
