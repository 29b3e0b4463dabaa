import type { Axis } from '../axis.ts';
import { max, sum } from '../ops/contraction.ts';
import { iota } from '../ops/leaves.ts';
import { div, equal, exp, lessEqual, log, maximum, sub, where } from '../ops/pointwise.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import { tensorOf, type AnyTensor, type Has, type Tensor } from '../tensor.ts';
import { total } from './mean.ts';

/** Which targets count. */
export interface TargetOptions {
  /**
   * Targets of this number count for nothing: 0, the padding, for PLDR-LLM's authors; -100 for Hugging Face. All count
   * where it is missing.
   */
  readonly ignore?: number;
}

/**
 * −ln softmax(logits)[target] of each target, those to be ignored too: `logits` has the axes of `targets` (i32) and
 * `over`. The largest logit is taken out first, so that no power of e overflows; it cancels, so it has no gradient, and
 * that of a logit is softmax − 1 at the target, softmax elsewhere. A target outside `over` has the loss of the largest.
 */
export function tokenLosses<A extends string, X extends string>(
  logits: Tensor<A> & Has<A, NoInfer<X>>, targets: Tensor<Exclude<A, NoInfer<X>>>, over: Axis<X>,
): Tensor<Exclude<A, X>> {
  const lowered = sub(logits, stopGradient(max(logits, over)));
  const weights = sum(tensorOf<X>(exp(lowered).node), over);
  return tensorOf(sub(log(weights), atTarget(lowered, targets, over)).node);
}

/**
 * The mean loss (see `tokenLosses`) of the targets that count; 0, with no gradient, where none does.
 */
export function crossEntropy<A extends string, X extends string>(
  logits: Tensor<A> & Has<A, NoInfer<X>>, targets: Tensor<Exclude<A, NoInfer<X>>>, over: Axis<X>,
  options: TargetOptions = {},
): Tensor<never> {
  return meanOfCounted<Exclude<A, X>>(tokenLosses(logits, targets, over), targets, options);
}

/**
 * The share of the counted targets whose logit is the largest; 0 where none counts. Another logit may be as large: where
 * all are equal, every target is right.
 */
export function accuracy<A extends string, X extends string>(
  logits: Tensor<A> & Has<A, NoInfer<X>>, targets: Tensor<Exclude<A, NoInfer<X>>>, over: Axis<X>,
  options: TargetOptions = {},
): Tensor<never> {
  const right = lessEqual(max(logits, over), atTarget(logits, targets, over));
  return meanOfCounted<Exclude<A, X>>(tensorOf(right.node), targets, options);
}

/** How many targets count: what a mean over several batches weighs each batch's mean by. */
export const countTargets = <A extends string>(targets: Tensor<A>, options: TargetOptions = {}): Tensor<never> =>
  total(counted(targets, options));

/** 1 where a target counts, 0 where it is ignored [the axes of `targets`]. */
const counted = <A extends string>(targets: Tensor<A>, { ignore }: TargetOptions): Tensor<A> =>
  (ignore === undefined ? equal(targets, targets) : sub(1, equal(targets, ignore)));

function meanOfCounted<A extends string>(x: Tensor<A>, targets: Tensor<A>, options: TargetOptions): Tensor<never> {
  const counts = counted(targets, options);
  // Chosen, and not multiplied by 0: what is ignored may be infinite.
  const kept = where(counts, x, 0);
  return tensorOf(div(total(kept), maximum(total(counts), 1)).node);
}

/** The entry at the target. It is a sum over all entries, of which the gradient is a map and no scattering. */
const atTarget = <X extends string>(x: AnyTensor, targets: AnyTensor, over: Axis<X>): Tensor<never> =>
  tensorOf(sum(tensorOf<X>(where(equal(iota(over), targets), x, 0).node), over).node);
