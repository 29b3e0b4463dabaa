import type { PldrModel } from '../../models/pldr/index.ts';
import type { InterpretedModel } from '../interpreted/reading.ts';
import type { Precision } from './precision.ts';

/** What laws are asked of. */
export interface LawSubject {
  readonly model: PldrModel;
  /** The same checkpoint in the interpreter. */
  readonly interpreted: InterpretedModel;
  /** Texts of token ids; the first is followed step by step. */
  readonly prompts: readonly (readonly number[])[];
  /** Greedy tokens after it. */
  readonly steps: number;
}

/** The followed text, read with keys, values and G kept. */
export interface Followed extends LawSubject {
  readonly prompt: readonly number[];
  readonly ids: readonly number[];
  /** After the prompt and after each token but the last: [step, vocab]. */
  readonly logits: readonly Float32Array[];
  readonly precision: Precision;
}

/** Two lists of logits that a law says are equal. */
export type Pair = readonly [ArrayLike<number>, ArrayLike<number>];

export interface Law {
  readonly name: string;
  /** What must be equal, as a sentence. */
  readonly statement: string;
  readonly pairs: (followed: Followed) => Promise<readonly Pair[]>;
}

/** What a law came to, for one model on one device. */
export interface LawResult {
  readonly name: string;
  readonly statement: string;
  /** The largest difference of two logits that the law says are equal. */
  readonly largest: number;
  /** What roundings may make of it. */
  readonly bound: number;
  readonly holds: boolean;
  /** How many pairs of logits were compared. */
  readonly compared: number;
}
