import type { DeviceBuffer } from '../memory.ts';
import type { ResolvedSampling } from './options.ts';
import type { SamplingStart } from './start.ts';

/** How large a sampler is; fixed for its life. */
export interface SamplerLayout {
  /** B, the rows. */
  readonly batch: number;
  /** V, the logits per row. */
  readonly vocab: number;
  /** How many tokens per row one generation may have. */
  readonly maxSteps: number;
}

/** What the step program reads: i32 [B] each. */
export interface SamplerControl {
  /** The token chosen last. */
  readonly ids: DeviceBuffer;
  /** The position at which that token must be placed. */
  readonly position: DeviceBuffer;
  /** The cache slot in which that token must be placed. */
  readonly slot: DeviceBuffer;
  /** 1 once a stop token was chosen. */
  readonly finished: DeviceBuffer;
}

/**
 * Logits of a step: f32 [B, V] from a byte offset of a buffer on, as a program has them there. Whoever gives the same
 * object again saves time.
 */
export interface LogitsBinding {
  readonly buffer: DeviceBuffer;
  /** In bytes, aligned as the offsets of a program's values are. */
  readonly offset: number;
  /** In bytes, at least those that [B, V] takes in memory. */
  readonly size: number;
}

export interface TokenBlock {
  /** [count, B] */
  readonly ids: Int32Array;
  /** [count, B]; bit 0: NaN or an infinity was among the logits. */
  readonly flags: Int32Array;
}

/**
 * Chooses the next token of every row on the device and advances the generation there, so that the host never stands
 * between two tokens. After a submit with `sample(sampler, logits, n)` has run, `control` holds the token of step n and
 * the position and slot at which that token must be placed: at step 0 those that `begin` set, and one more at each
 * further step. A row that chose a stop token produces the pad token from the next step on; its position and slot go on
 * advancing.
 */
export interface Sampler {
  readonly control: SamplerControl;
  /**
   * Starts a generation: resets the state. Work already submitted is not disturbed.
   * @throws RicciError `sampling/invalid-start`, listing every problem at once
   */
  begin(options: ResolvedSampling, start: SamplingStart): void;
  /**
   * The tokens of the steps `from` … `from + count − 1`, which must have been submitted; later steps may be too. What
   * is submitted afterwards does not delay it, and the event loop turns before it settles, so that whoever generates in
   * a loop hears of an interrupt.
   * @throws RicciError `sampling/no-such-steps`, `sampling/read-failed`
   */
  readTokens(from: number, count: number): Promise<TokenBlock>;
  /** Frees the buffers; reads under way fail. */
  destroy(): void;
}
