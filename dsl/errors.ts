/** A place in a user's source file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface RicciErrorDetails {
  /** Stable identifier, for example `dsl/axis-missing`; safe to match on. */
  readonly code: string;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly hint?: string;
  /** Where in the user's file the offending thing was made. */
  readonly place?: Place | undefined;
  readonly cause?: unknown;
}

/** The one error class of Ricci. Its message reads as a sentence with the place and the remedy. */
export class RicciError extends Error {
  readonly code: string;
  /** What is wrong, alone. */
  readonly sentence: string;
  readonly hint: string | undefined;
  readonly place: Place | undefined;

  constructor(details: RicciErrorDetails) {
    const at = details.place === undefined ? '' : `\n  at ${showPlace(details.place)}`;
    const hint = details.hint === undefined ? '' : `\n  ${details.hint}`;
    super(`${details.message}${hint}${at}`, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'RicciError';
    this.code = details.code;
    this.sentence = details.message;
    this.hint = details.hint;
    this.place = details.place;
  }
}

export const showPlace = (p: Place): string => `${p.file}:${p.line}:${p.column}`;
