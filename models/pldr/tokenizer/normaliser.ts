import { ByteBuffer } from './byte-buffer.ts';
import type { ByteTrie } from './byte-trie.ts';
import { Charsmap, type CharsmapMatch } from './charsmap.ts';
import type { ModelFile } from './model-file.ts';
import { characterLength } from './utf8.ts';

const space = 0x20;
const spaceSymbol = new TextEncoder().encode('\u2581');

/** What one step over the text found: `consumed` bytes of it read as `source[from, to)`. */
interface Step extends CharsmapMatch {
  source: Uint8Array;
  consumed: number;
}

const isOneSpace = (step: Step): boolean => step.to - step.from === 1 && step.source[step.from] === space;

/** Brings UTF-8 text into the form that the pieces were trained on, as SentencePiece's normaliser does. */
export class Normaliser {
  private readonly charsmap: Charsmap | undefined;
  private readonly userDefined: ByteTrie;
  private readonly prefix: boolean;
  private readonly suffix: boolean;
  private readonly squeeze: boolean;
  private readonly spaceBytes: Uint8Array;

  /** `userDefined` holds the pieces that are taken from the text as they stand, before any rule applies. */
  constructor({ normaliser, trainer }: ModelFile, userDefined: ByteTrie, name: string) {
    this.charsmap = normaliser.charsmap.length === 0 ? undefined : new Charsmap(normaliser.charsmap, name);
    this.userDefined = userDefined;
    this.prefix = normaliser.addDummyPrefix && !trainer.whitespaceAsSuffix;
    this.suffix = normaliser.addDummyPrefix && trainer.whitespaceAsSuffix;
    this.squeeze = normaliser.removeExtraWhitespaces;
    this.spaceBytes = normaliser.escapeWhitespaces ? spaceSymbol : Uint8Array.of(space);
  }

  /**
   * Normalised UTF-8 of `text`. A `continuation` follows a special token: it gets no dummy prefix and may begin with a
   * space.
   */
  normalise(text: Uint8Array, continuation = false): Uint8Array {
    const step: Step = { source: text, from: 0, to: 0, length: 0, consumed: 0 };
    let at = continuation ? 0 : this.skipLeadingSpaces(text, step);
    if (at === text.length) return new Uint8Array();
    const out = new ByteBuffer(text.length + (text.length >> 1));
    if (this.prefix && !continuation) out.append(this.spaceBytes);
    let afterSpace = this.squeeze && !continuation;
    for (; at < text.length; at += step.consumed) {
      this.readStep(text, at, step);
      if (afterSpace) while (step.from < step.to && step.source[step.from] === space) step.from++;
      if (step.from === step.to) continue;
      this.write(step, out);
      afterSpace = this.squeeze && step.source[step.to - 1] === space;
    }
    if (this.squeeze) while (out.endsWith(this.spaceBytes)) out.length -= this.spaceBytes.length;
    if (this.suffix) out.append(this.spaceBytes);
    return out.view();
  }

  private skipLeadingSpaces(text: Uint8Array, step: Step): number {
    let at = 0;
    while (this.squeeze && at < text.length) {
      this.readStep(text, at, step);
      if (!isOneSpace(step)) break;
      at += step.consumed;
    }
    return at;
  }

  private readStep(text: Uint8Array, at: number, step: Step): void {
    const verbatim = this.userDefined.empty ? 0 : this.userDefined.longestPrefix(text, at);
    if (verbatim === 0 && this.charsmap?.longestMatch(text, at, step) === true) {
      step.source = this.charsmap.replacements;
      step.consumed = step.length;
      return;
    }
    step.source = text;
    step.consumed = verbatim > 0 ? verbatim : characterLength(text[at]!);
    step.from = at;
    step.to = at + step.consumed;
  }

  private write(step: Step, out: ByteBuffer): void {
    for (let i = step.from; i < step.to; i++) {
      const byte = step.source[i]!;
      if (byte === space) out.append(this.spaceBytes);
      else out.push(byte);
    }
  }
}
