/** ` (did you mean X?)` where a known key is much like the one that was given; else nothing. */
export function didYouMean(given: string, known: Iterable<string>): string {
  const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const ranked = [...known]
    .map((key) => {
      const whole = editDistance(given.toLowerCase(), key.toLowerCase());
      // The right key in the wrong object, or in none.
      const moved = lastOf(given) === lastOf(key) ? 1 : Infinity;
      return { key, distance: Math.min(whole, moved) };
    })
    .sort((a, b) => a.distance - b.distance);
  const nearest = ranked[0];
  return nearest !== undefined && nearest.distance <= 2 ? ` (did you mean ${nearest.key}?)` : '';
}

/** Characters to insert, delete or replace (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
