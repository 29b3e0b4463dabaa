/** A tensor on the host. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The axes of what a session gives away, outermost first, as the authors order them, whatever a program uses. */
const OUTWARD = ['batch', 'head', 'pos', 'key', 'row', 'col', 'dk', 'embed', 'vocab'];

const rank = (axis: string): number => (OUTWARD.includes(axis) ? OUTWARD.indexOf(axis) : OUTWARD.length);

/** Numbers that lie row by row over `axes`, put into the order that all of a session's tensors have. */
export function hostTensor(axes: readonly string[], shape: readonly number[], data: Float32Array): HostTensor {
  const order = axes.map((_, d) => d).sort((a, b) => rank(axes[a]) - rank(axes[b]));
  const sizes = order.map((d) => shape[d]);
  const strides = order.map((d) => shape.slice(d + 1).reduce((n, s) => n * s, 1));
  const out = new Float32Array(data.length);
  const index = sizes.map(() => 0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from];
    for (let d = sizes.length - 1; d >= 0; d--) {
      index[d] += 1;
      from += strides[d];
      if (index[d] < sizes[d]) break;
      from -= sizes[d] * strides[d];
      index[d] = 0;
    }
  }
  return { shape: sizes, data: out };
}
