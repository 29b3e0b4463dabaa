import { headShapes, type HeadKind } from '../../../models/pldr/heads/head-kind.ts';

/** Some numbers for the weights of a head. */
export const headWeights = (
  kind: HeadKind, hiddenSize: number, labels: number, seed: number,
): ReadonlyMap<string, Float64Array> => new Map([...headShapes(kind, hiddenSize, labels)].map(([name, shape]) =>
  [name, Float64Array.from({ length: shape.reduce((n, s) => n * s, 1) }, (_, i) => Math.sin(1 + seed + i))]));

/** Targets of a row of so many positions. */
export function targetsIn(kind: HeadKind, positions: number): number {
  switch (kind) {
    case 'sequence-classification': return 1;
    case 'token-classification': return positions;
    case 'question-answering': return 2;
  }
}
