/** A 106-bit digest of a text (two independent 53-bit mixes), for structural keys. Not for secrets. */
export function digest(text: string): string {
  return mix(text, 0x9e3779b9).toString(36) + mix(text, 0x7f4a7c15).toString(36);
}

/** Two 32-bit multiplicative lanes, folded at the end. */
function mix(text: string, seed: number): number {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
