import { memoryStrides } from '../../compiler/program.ts';
import { LANES, MAX_STOP_IDS, MAX_VOCAB } from './limits.ts';
import type { ResolvedSampling } from './options.ts';
import { PHILOX } from './random.ts';
import { fractionBits, minimumWeight, weightScale } from './weights.ts';

/** What a generation adds to the sampling options. */
export interface StopRules {
  /** Tokens that end a row, at most 8. */
  readonly stopIds: readonly number[];
  /** What an ended row goes on producing. */
  readonly padId: number;
  /** [B]: which stream of random numbers each row draws from. */
  readonly streams: Uint32Array;
}

const STOP_IDS_AT = 80;
const STREAMS_AT = STOP_IDS_AT + 4 * MAX_STOP_IDS;

export const settingsSize = (batch: number): number => STREAMS_AT + 16 * Math.ceil(batch / 4);

/** The bytes of the struct `Settings` that the GPU's sampler reads (webgpu/sampling/wgsl-row.ts). */
export function encodeSettings(options: ResolvedSampling, rules: StopRules): ArrayBuffer {
  const bytes = new ArrayBuffer(settingsSize(rules.streams.length));
  const scale = weightScale(options.temperature);
  new Uint32Array(bytes, 0, 7).set([
    options.seed,
    options.topK,
    options.topP === 1 ? 0 : fractionBits(options.topP),
    minimumWeight(options.minP),
    options.order === 'hf' ? 1 : 0,
    options.repetitionPenalty === 1 ? 0 : 1,
    options.vocabSize,
  ]);
  new Int32Array(bytes, 28, 1).set([rules.padId]);
  const { repetitionPenalty } = options;
  new Float32Array(bytes, 32, 4).set([scale.halvings, scale.cutoff, repetitionPenalty, 1 / repetitionPenalty]);
  // Rounds 0 to 3 find top-k's bound, 4 to 7 top-p's.
  const [pitch] = memoryStrides([rules.streams.length, options.vocabSize]);
  new Uint32Array(bytes, 48, 3).set([options.topK === 0 ? 4 : 0, options.topP === 1 ? 4 : 8, pitch]);
  new Uint32Array(bytes, 64, 3).set([LANES, MAX_VOCAB, PHILOX.rounds]);
  new Int32Array(bytes, STOP_IDS_AT, MAX_STOP_IDS).fill(-1).set(rules.stopIds);
  new Uint32Array(bytes, STREAMS_AT, rules.streams.length).set(rules.streams);
  return bytes;
}
