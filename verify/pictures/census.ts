/** What must be known of numbers before they are drawn. */
export interface Census {
  /** The least and the greatest finite number; both are 0 where there is none. */
  readonly least: number;
  readonly greatest: number;
  /** How many are not a number, and how many are infinite. */
  readonly nans: number;
  readonly infinities: number;
}

/** Counts numbers that stand in several sequences, in one pass and without copying them. */
export function censusOf(parts: readonly ArrayLike<number>[]): Census {
  let [least, greatest, nans, infinities] = [Infinity, -Infinity, 0, 0];
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      const value = part[i];
      if (Number.isNaN(value)) nans++;
      else if (!Number.isFinite(value)) infinities++;
      else [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
    }
  }
  return least > greatest ? { least: 0, greatest: 0, nans, infinities } : { least, greatest, nans, infinities };
}
