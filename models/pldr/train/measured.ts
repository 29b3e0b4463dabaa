/** What a model made of a batch, each a mean over the targets that count. */
export interface Measured {
  /** In nats. */
  readonly crossEntropy: number;
  readonly accuracy: number;
  /** How many targets count. */
  readonly count: number;
}

/** The same of a batch that was trained on, before its update. */
export interface Trained extends Measured {
  /** What was differentiated: the cross-entropy and what the DAG loss adds. */
  readonly loss: number;
}

/** What was measured of a batch with the rows of all parts, each of which counts its share. */
export function combined(parts: readonly Trained[], shares: readonly number[]): Trained {
  const mean = (of: (part: Trained) => number): number => parts.reduce((sum, part, i) => sum + shares[i] * of(part), 0);
  return {
    loss: mean((part) => part.loss),
    crossEntropy: mean((part) => part.crossEntropy),
    accuracy: mean((part) => part.accuracy),
    count: parts.reduce((sum, { count }) => sum + count, 0),
  };
}
