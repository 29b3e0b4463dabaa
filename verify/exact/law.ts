import type { PldrModel } from '../../models/pldr/index.ts';
import type { InterpretedModel } from '../interpreted/reading.ts';
import type { Continued } from '../texts.ts';
import type { Pair } from './pairs.ts';
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

/** A text that was read with keys, values and G kept, and in the interpreter. */
export interface Followed extends Continued {
  readonly prompt: readonly number[];
  readonly precision: Precision;
}

/** What a law has to compare with. */
export interface Evidence extends LawSubject, Followed {
  /** Every prompt with a few tokens more, in the order of `prompts`. */
  readonly each: readonly Followed[];
}

export interface Law {
  readonly name: string;
  /** What must be equal, as a sentence. */
  readonly statement: string;
  readonly pairs: (evidence: Evidence) => Promise<readonly Pair[]>;
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
