export { axis, symbol, type Axis, type Size, type SizeSymbol } from './axis.ts';
export { RicciError, showPlace, type Place } from './errors.ts';
export { WEIGHT_STORAGES, type DType, type Monoid, type Node, type Storage, type WeightStorage } from './node.ts';
export type { AnyTensor, AxesOf, Has, Lacks, Operand, Tensor } from './tensor.ts';
export { axesOf, tensorOf } from './tensor.ts';
export { constant, input, iota, parameter, random, table } from './ops/leaves.ts';
export {
  abs, add, cos, div, equal, exp, less, lessEqual, log, map, mapInt, maximum, minimum, mul, neg, pow, sin, sqrt, sub,
  tanh, toInt, where,
} from './ops/pointwise.ts';
export { dot, max, min, product, sum } from './ops/contraction.ts';
export { concat, gather, merge, pad, rename, scatterAdd, slice, split } from './ops/views.ts';
export { half } from './ops/half.ts';
export { inHalfPrecision } from './half-precision.ts';
export { cache, freeze } from './ops/staging.ts';
export { stopGradient } from './ops/stop-gradient.ts';
export { grad, type Gradients } from './grad/grad.ts';
export { round, scalar, toF16, traced, type ScalarExpr, type ScalarFn } from './scalar/index.ts';
export { iswiglu, sigmoid, silu } from './std/activation.ts';
export { softmax } from './std/softmax.ts';
export { layerNorm } from './std/layer-norm.ts';
export { linear } from './std/linear.ts';
export { countAlong, mean, meanBut, total } from './std/mean.ts';
export { accuracy, countTargets, crossEntropy, tokenLosses, type TargetOptions } from './std/cross-entropy.ts';
export {
  adamw, decaysAll, decaysMatrices, type AdamWOptions, type AdamWState, type Decays,
} from './std/adamw.ts';
export { logTraceExp, logTraceExpWithSlope } from './std/log-trace-exp.ts';
export { accumulate, microBatchWeights } from './std/accumulate.ts';
export { clipByGlobalNorm, clipByValue, globalNorm } from './std/clip.ts';
export { constantRate, warmupCosine, warmupLinear, type Decayed, type LearningRate } from './std/learning-rate.ts';
export { rotary, type RotaryOptions, type RotaryPairs } from './std/rotary.ts';
export { dslSource, type SourceOptions } from './source/source.ts';
