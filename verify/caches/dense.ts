import type { Dense } from '../../compiler/interpret/dense.ts';

/** Entries `from` to before `to` along an axis; the tensor itself where it has no such axis. */
export function sliced(x: Dense, axis: string, from: number, to: number): Dense {
  const d = x.names.indexOf(axis);
  if (d < 0) return x;
  const inner = x.sizes.slice(d + 1).reduce((n, s) => n * s, 1);
  const data = x.data.filter((_, i) => {
    const at = Math.floor(i / inner) % x.sizes[d];
    return at >= from && at < to;
  });
  return { ...x, sizes: x.sizes.map((s, k) => (k === d ? to - from : s)), data };
}

/** The tensor with more entries along an axis, which are not a number until they are written. */
export function withRoom(x: Dense, axis: string, more: number): Dense {
  const d = x.names.indexOf(axis);
  const row = x.sizes.slice(d).reduce((n, s) => n * s, 1);
  const grown = row + (more * row) / x.sizes[d];
  const data = new Float64Array((x.data.length / row) * grown).fill(NaN);
  for (let i = 0; i * row < x.data.length; i++) data.set(x.data.subarray(i * row, (i + 1) * row), i * grown);
  return { ...x, sizes: x.sizes.map((s, k) => (k === d ? s + more : s)), data };
}

/** The tensor with an axis by another name. */
export const renamed = (x: Dense, from: string, to: string): Dense =>
  ({ ...x, names: x.names.map((n) => (n === from ? to : n)) });
