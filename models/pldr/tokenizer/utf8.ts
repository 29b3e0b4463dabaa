const isTrail = (byte: number): boolean => (byte & 0xc0) === 0x80;

/** Bytes that a UTF-8 character starting with this byte should have; 1 for a byte that starts none. */
export const characterLength = (lead: number): number => (lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);

const smallest = [0, 0, 0x80, 0x800, 0x10000];

const isScalarValue = (code: number): boolean => code < 0xd800 || (code > 0xdfff && code <= 0x10ffff);

/**
 * The character that the bytes from `at` up to `end` begin with, or -1 where they begin with no whole, shortest-form
 * UTF-8 character (RFC 3629).
 */
export const codePointAt = (bytes: ArrayLike<number>, at: number, end: number): number => {
  const lead = bytes[at]!;
  if (lead < 0x80) return lead;
  const length = characterLength(lead);
  if (length === 1 || lead > 0xf7 || at + length > end) return -1;
  let code = lead & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]!;
    if (!isTrail(byte)) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  return code >= smallest[length]! && isScalarValue(code) ? code : -1;
};

/**
 * Whether more bytes could still make one character of these. The characters that share a prefix form one run of code
 * points, interrupted only at its ends, so its lowest and highest member decide.
 */
export const canBecomeCharacter = (bytes: readonly number[]): boolean => {
  const missing = characterLength(bytes[0]!) - bytes.length;
  if (missing <= 0) return false;
  const completed = (trail: number): number[] => [...bytes, ...Array.from({ length: missing }, () => trail)];
  const total = bytes.length + missing;
  return codePointAt(completed(0x80), 0, total) >= 0 || codePointAt(completed(0xbf), 0, total) >= 0;
};
