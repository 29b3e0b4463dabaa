/**
 * Keys that occur more than once in one object of a JSON text, which `JSON.parse` drops silently.
 * The text must already be known to be valid JSON: only its strings and brackets are looked at.
 */
export function duplicateKeys(text: string): readonly string[] {
  const duplicates = new Set<string>();
  const open: Set<string>[] = [];
  // The unrolled form keeps the regular expression linear on long strings.
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token.endsWith(':')) noteKey(token, open.at(-1)!, duplicates);
  }
  return [...duplicates];
}

function noteKey(token: string, seen: Set<string>, duplicates: Set<string>): void {
  const key = String(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)));
  if (seen.has(key)) duplicates.add(key);
  seen.add(key);
}
