import { RicciError } from '../../../../dsl/errors.ts';

/** The documents [from, to) of a token file. */
export interface DocumentRange {
  readonly from: number;
  readonly to: number;
}

export interface HeldOut {
  readonly train: DocumentRange;
  readonly validation: DocumentRange;
}

/**
 * Holds the last documents out for validation: the given part of them rounded down, at least one where the part is
 * not 0.
 * @param part in [0, 1)
 * @throws RicciError `data/too-few-documents` when none is left to train on
 */
export function holdOut(documents: number, part: number): HeldOut {
  const held = part === 0 ? 0 : Math.max(1, Math.floor(documents * part));
  const from = documents - held;
  if (from >= 1) return { train: { from: 0, to: from }, validation: { from, to: documents } };
  throw new RicciError({
    code: 'data/too-few-documents',
    message: `The corpus has ${documents} document${documents === 1 ? '' : 's'}, and ${held} would be held out.`,
    hint: 'Say what separates documents ("blank-line", or a text), give more texts, or hold out nothing.',
  });
}
