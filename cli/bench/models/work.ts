import type { Program } from '../../../compiler/program.ts';
import type { PldrConfig } from '../../../models/pldr/index.ts';
import type { Work } from '../case.ts';

/** What one more token costs where so many lie in the caches. */
export function stepWork(step: Program, { layers, hiddenSize, heads, headDim }: PldrConfig, length: number): Work {
  const caches = 4 * layers * (2 * length * hiddenSize + heads * headDim ** 2);
  const reading = step.kernels.filter((k) => k.cost.parameters.length > 0);
  const bytes = weightBytes(step) + caches;
  return {
    bytes, footprint: bytes, streams: true,
    flops: reading.reduce((n, k) => n + k.cost.flops, 0) + 4 * layers * length * hiddenSize,
    dispatches: step.kernels.length,
    submits: 1,
  };
}

/** Bytes of the weights that a program of one token reads. */
export const weightBytes = (step: Program): number =>
  step.kernels.filter((k) => k.cost.parameters.length > 0).reduce((n, k) => n + k.cost.bytesRead, 0);

/**
 * What reading a prompt costs: of operations, those of the layers' matrices, of attention, and of the head for one
 * token; the net that makes G comes on top.
 */
export function promptWork(prefill: Program, step: Program, config: PldrConfig, length: number): Work {
  const { layers, hiddenSize: D, intermediateSize, headDim, vocabSize } = config;
  const matrices = 2 * length * D * (4 * D + 3 * intermediateSize);
  const attention = 4 * length ** 2 * D + 2 * length * D * headDim;
  const bytes = weightBytes(step);
  return {
    bytes, footprint: bytes,
    flops: layers * (matrices + attention) + 2 * D * vocabSize,
    dispatches: prefill.kernels.length,
    submits: 1,
  };
}

/** The same work so many times, over the same memory. */
export const times = (n: number, work: Work): Work => ({
  ...work,
  bytes: n * work.bytes, flops: n * work.flops, dispatches: n * work.dispatches, submits: n * work.submits,
});
