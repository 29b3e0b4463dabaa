import { axis, dot, input, softmax } from '../../../dsl/index.ts';
import type { Kernel } from './kernel.ts';
import { numberAt, sumOf } from './numbers.ts';
import type { AttentionSizes } from './sizes.ts';

/** softmax(q·kᵀ)·v of each head, for so many queries of all keys. */
export function attention({ heads, width, keys, queries }: AttentionSizes): Kernel {
  const [Head, Width] = [axis('head', heads), axis('width', width)];
  const [Query, Key] = [axis('query', queries), axis('key', keys)];
  const [k, v] = [input('k', [Head, Key, Width]), input('v', [Head, Key, Width])];
  const scores = dot(input('q', [Head, Query, Width]), k, Width);
  return {
    name: `attention ${heads} heads, ${queries} × ${keys}`, storage: 'f32', unit: queries === 1 ? 'GB/s' : 'GFLOP/s',
    flops: 4 * heads * queries * keys * width,
    out: dot(softmax(scores, Key), v, Key),
    entry: ({ head, query, width: w }) => {
      const at = (tensor: string, rows: number, row: number, i: number): number =>
        numberAt(tensor, (head * rows + row) * width + i);
      const weights = Array.from({ length: keys }, (_, key) =>
        Math.exp(sumOf(width, (i) => at('q', queries, query, i) * at('k', keys, key, i)).value));
      const total = weights.reduce((a, b) => a + b, 0);
      return sumOf(keys, (key) => (weights[key] / total) * at('v', keys, key, w));
    },
  };
}
