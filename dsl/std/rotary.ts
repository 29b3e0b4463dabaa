import { axis, type Axis } from '../axis.ts';
import { RicciError } from '../errors.ts';
import { iota } from '../ops/leaves.ts';
import { add, cos, exp, mul, sin, sub } from '../ops/pointwise.ts';
import { concat, gather, merge, split } from '../ops/views.ts';
import { tensorOf, type Has, type Tensor } from '../tensor.ts';

/** Which channels turn together: neighbours (2m, 2m+1), or (m, m + d/2). */
export type RotaryPairs = 'neighbours' | 'halves';

export interface RotaryOptions {
  readonly pairs: RotaryPairs;
  /** θ_m = base^(−2m/d) */
  readonly base: number;
  /** Positions run from 0 to this − 1. */
  readonly context: number;
}

/**
 * Rotary position embedding: turns each pair of channels of `x` by position · θ_m; (e, o) becomes
 * (e·cos − o·sin, o·cos + e·sin). Su et al., arXiv 2104.09864. Sines and cosines come from a table that is computed
 * once, in double precision, since GPUs lose digits at large angles.
 */
export function rotary<A extends string, X extends string, P extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, channels: Axis<X>, position: Tensor<P>, options: RotaryOptions,
): Tensor<A | P> {
  const d = evenSize(channels);
  const Half = axis('half', d / 2);
  const Pair = axis('pair', 2);
  const Context = axis('context', options.context);
  const angle = mul(iota(Context), exp(mul(iota(Half), (-2 / d) * Math.log(options.base))));
  const cosine = gather(cos(angle), Context, position);
  const sine = gather(sin(angle), Context, position);
  const [outer, inner] = options.pairs === 'neighbours' ? [Half, Pair] as const : [Pair, Half] as const;
  const paired = tensorOf<'half' | 'pair'>(split(tensorOf<X>(x.node), channels, outer, inner).node);
  const [e, o] = [gather(paired, Pair, 0), gather(paired, Pair, 1)];
  const turned = concat([sub(mul(e, cosine), mul(o, sine)), add(mul(o, cosine), mul(e, sine))], Pair);
  return tensorOf(merge(tensorOf<'half' | 'pair'>(turned.node), outer, inner, channels).node);
}

function evenSize(channels: Axis): number {
  if (typeof channels.size === 'number' && channels.size % 2 === 0) return channels.size;
  throw new RicciError({
    code: 'dsl/rotary-odd',
    message: `rotary: "${channels.name}" cannot be turned in pairs; its size must be an even number.`,
    hint: 'Choose an even number of channels.',
  });
}
