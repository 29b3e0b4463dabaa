/** A 106-bit digest of a text (two independent 53-bit mixes, in one pass), for structural keys. Not for secrets. */
export function digest(text: string): string {
  let a = 0x4019b7e6;
  let b = 0xdf4a09b8;
  let c = 0x1f0a6b93;
  let d = 0x2bb3f4a1;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
    c = Math.imul(c ^ unit, 2246822519);
    d = Math.imul(d ^ unit, 3266489917);
  }
  return fold(a, b).toString(36) + fold(c, d).toString(36);
}

/** Two 32-bit lanes as one 53-bit number, each bit of which depends on all of both. */
function fold(x: number, y: number): number {
  const high = Math.imul(x ^ (x >>> 16), 2246822507) ^ Math.imul(y ^ (y >>> 13), 3266489909);
  const low = Math.imul(y ^ (y >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
