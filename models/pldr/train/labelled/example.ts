/** A row of a batch, before its labels have numbers. */
export interface Example {
  /** Tokens, at least one and at most as many as a row has positions. */
  readonly ids: readonly number[];
  /** Names of the labels that it is compared with; none where an answer is looked for. */
  readonly labels: readonly string[];
  /** What the task compares with, at most as much as one row has of it. */
  targets(numberOf: (label: string) => number): readonly number[];
}

/** An answer that is cut off begins and ends here: behind all positions. */
export const BEHIND = 1 << 20;
