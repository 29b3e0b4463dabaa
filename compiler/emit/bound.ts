import type { BoundNest } from '../loop/ir.ts';

/** What is known of stored values by key, by the names that a nest has for those values. */
export function boundTo<T>({ values }: BoundNest, known: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const [name, key] of values) {
    const own = known.get(key);
    if (own !== undefined) found.set(name, own);
  }
  return found;
}
