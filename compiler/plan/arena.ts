/** A value that needs memory from the step that makes it to the last step that reads it. */
export interface Lifetime {
  readonly key: string;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

export interface ArenaPlan {
  readonly offsets: ReadonlyMap<string, number>;
  readonly bytes: number;
}

/** WebGPU binds storage at multiples of 256 bytes. */
export const ALIGNMENT = 256;

export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/**
 * Gives every value a place in one block such that values that live at the same time do not overlap. Largest first,
 * each at the lowest place that is free for its whole life: the usual heuristic for interval colouring with sizes.
 */
export function planArena(values: readonly Lifetime[]): ArenaPlan {
  const placed: (Lifetime & { readonly offset: number })[] = [];
  const order = [...values].sort((a, b) => b.bytes - a.bytes || a.from - b.from || (a.key < b.key ? -1 : 1));
  for (const v of order) {
    const rivals = placed.filter((p) => p.from <= v.to && v.from <= p.to).sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const r of rivals) {
      if (offset + aligned(v.bytes) <= r.offset) break;
      offset = Math.max(offset, r.offset + aligned(r.bytes));
    }
    placed.push({ ...v, offset });
  }
  const bytes = placed.reduce((top, p) => Math.max(top, p.offset + aligned(p.bytes)), 0);
  return { offsets: new Map(placed.map((p) => [p.key, p.offset])), bytes };
}
