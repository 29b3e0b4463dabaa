import type { Axis } from '../axis.ts';
import { map } from '../ops/pointwise.ts';
import { scalar, sqrt } from '../scalar/index.ts';
import { tensorOf, type Operand, type Tensor } from '../tensor.ts';
import { expm1 } from './elementary.ts';

export interface AdamWOptions {
  /** α, for this step. */
  readonly learningRate: Operand;
  /** How many updates there are with this one: 1, 2, 3, … */
  readonly step: Operand;
  /** β₁ and β₂: what the moments keep of themselves at each step. */
  readonly betas: readonly [first: number, second: number];
  /** ε, beside the square root of the second moment. */
  readonly eps: number;
  /** λ: the share, times α, that a parameter loses at each step. */
  readonly weightDecay: number;
}

export interface AdamWState<A extends string> {
  readonly parameter: Tensor<A>;
  /** The running mean of gradients, and of their squares; both begin as 0. */
  readonly m: Tensor<A>;
  readonly v: Tensor<A>;
}

/**
 * One parameter's update with decoupled weight decay, in the order of operations of PyTorch's AdamW:
 *
 *     p ← p − αλ·p,  m ← m + (1 − β₁)(g − m),  v ← β₂·v + (1 − β₂)·g²
 *     p ← p − α/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 *
 * Loshchilov and Hutter, arXiv 1711.05101. All tensors have the parameter's axes. The learning rate and the step may be
 * tensors without axes, so that one program serves all steps; at the rate 0 a parameter stays the same bit for bit.
 */
export function adamw<A extends string>(
  parameter: Tensor<A>, gradient: Tensor<A>, m: Tensor<A>, v: Tensor<A>,
  { learningRate, step, betas: [first, second], eps, weightDecay }: AdamWOptions,
): AdamWState<A> {
  // 1 − β is rounded once: in single precision it would lose, for 0.999, three digits.
  const newM = map(towards, m, gradient, 1 - first);
  const newV = map(meanSquare, v, gradient, second, 1 - second);
  // The same for 1 − βᵗ, which starts from there.
  const firstShare = map(oneMinusPower, step, Math.log(first));
  const secondShare = map(oneMinusPower, step, Math.log(second));
  const updated = map(
    descended, parameter, newM, newV, learningRate, firstShare, secondShare, eps, weightDecay,
  );
  return { parameter: tensorOf(updated.node), m: tensorOf(newM.node), v: tensorOf(newV.node) };
}

const towards = scalar((m, gradient, share) => m + share * (gradient - m));

const meanSquare = scalar((v, gradient, kept, share) => v * kept + share * gradient * gradient);

const oneMinusPower = scalar((t, logarithm) => -expm1(t * logarithm));

const descended = scalar((p, m, v, rate, firstShare, secondShare, eps, decay) =>
  p * (1 - rate * decay) - rate / firstShare * (m / (sqrt(v) / sqrt(secondShare) + eps)));

/** Which parameters lose weight, by name and axes. */
export type Decays = (name: string, axes: readonly Axis[]) => boolean;

/** Every parameter, biases and norms too: as PLDR-LLM's authors do. */
export const decaysAll: Decays = () => true;

/** Matrices and stacks of them; biases and norms, which have one axis, keep their weight. */
export const decaysMatrices: Decays = (_name, axes) => axes.length > 1;
