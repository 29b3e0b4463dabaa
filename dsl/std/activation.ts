import { exp, scalar, sqrt } from '../scalar/index.ts';

/** 1 / (1 + e^−x) */
export const sigmoid = scalar((x) => 1 / (1 + exp(-x)));

/** x · sigmoid(x); Elfwing et al., arXiv 1702.03118 */
export const silu = scalar((x) => x / (1 + exp(-x)));

/** u · silu(u) = u² · sigmoid(u), never negative; PLDR-LLM, arXiv 2502.13502 */
export const iswiglu = scalar((u) => u * u / (1 + exp(-u)));

/** (x − mean) / √(variance + ε) · gain + bias */
export const standardize = scalar((x, mean, variance, gain, bias, epsilon) =>
  (x - mean) * (gain / sqrt(variance + epsilon)) + bias);
