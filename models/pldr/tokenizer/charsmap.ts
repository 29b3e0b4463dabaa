import { RicciError } from '../../../dsl/errors.ts';

/** A rule that matched: how many bytes of the text it replaces, and by which bytes of `Charsmap.replacements`. */
export interface CharsmapMatch {
  length: number;
  from: number;
  to: number;
}

// One unit of a Darts-clone double array: bits 0-7 label, bit 8 "a value hangs here", bit 9 "offset is in units of
// 256", bits 10-30 offset; a unit with bit 31 set is a value.
const labelMask = 0x800000ff;
const label = (unit: number): number => (unit & labelMask) >>> 0;
const hasValue = (unit: number): boolean => ((unit >>> 8) & 1) === 1;
const offset = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
const value = (unit: number): number => unit & 0x7fffffff;

/**
 * SentencePiece's compiled normalisation rules: a little-endian u32 byte count, a Darts-clone double array of that many
 * bytes whose keys are UTF-8 texts, then the replacements, each ended by a zero byte.
 */
export class Charsmap {
  readonly replacements: Uint8Array;
  private readonly units: Uint32Array;

  /** @throws RicciError `tokenizer/bad-charsmap` where the sizes do not fit the blob */
  constructor(blob: Uint8Array, name: string) {
    const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
    const trieBytes = blob.length > 4 ? view.getUint32(0, true) : 0;
    if (blob.length <= 4 || trieBytes === 0 || trieBytes % 4 !== 0 || trieBytes > blob.length - 4) {
      throw new RicciError({
        code: 'tokenizer/bad-charsmap',
        message: `${name}: the normalisation table announces ${trieBytes} bytes of rules in a blob of ${blob.length}.`,
        hint: 'The file is damaged; fetch it again.',
      });
    }
    this.units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
    this.replacements = blob.subarray(4 + trieBytes);
  }

  /** Finds the rule for the longest text at `at`, writes it into `match`, and says whether there was one. */
  longestMatch(text: Uint8Array, at: number, match: CharsmapMatch): boolean {
    const { units } = this;
    match.length = 0;
    let node = offset(units[0]!);
    for (let i = at; i < text.length; i++) {
      const byte = text[i]!;
      node ^= byte;
      const unit = node < units.length ? units[node]! : labelMask;
      if (label(unit) !== byte) break;
      node ^= offset(unit);
      if (hasValue(unit) && node < units.length) {
        match.length = i + 1 - at;
        match.from = value(units[node]!);
      }
    }
    if (match.length > 0) match.to = this.endOfReplacement(match.from);
    return match.length > 0;
  }

  private endOfReplacement(from: number): number {
    const end = this.replacements.indexOf(0, from);
    return end < 0 ? this.replacements.length : end;
  }
}
