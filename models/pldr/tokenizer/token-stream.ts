import type { LeadingSpaces, Surface } from './surface.ts';
import { canBecomeCharacter, characterLength, codePointAt } from './utf8.ts';

export interface DecodeOptions {
  /** Writes control pieces such as [END] out instead of dropping them (default false). */
  readonly keepControl?: boolean;
}

/** Turns ids into text one by one; the parts joined are what decoding all ids at once gives. */
export interface TokenStream {
  /**
   * The text that this id makes certain: empty while byte pieces may still become one character.
   *
   * @throws RicciError `tokenizer/id-out-of-range`
   */
  push(id: number): string;
  /** The text that was held back; bytes that never became a character are U+FFFD each. */
  end(): string;
}

const replacement = '\ufffd';

/** Takes the characters off the front of `bytes` that no further byte can change. */
const takeCertain = (bytes: number[], more: boolean): string => {
  let text = '';
  while (bytes.length > 0 && !(more && canBecomeCharacter(bytes))) {
    const code = codePointAt(bytes, 0, bytes.length);
    text += code < 0 ? replacement : String.fromCodePoint(code);
    bytes.splice(0, code < 0 ? 1 : characterLength(bytes[0]!));
  }
  return text;
};

/** A stream over `surfaceOf`, which throws for ids that the model does not have. */
export const makeTokenStream = (
  surfaceOf: (id: number) => Surface,
  leading: LeadingSpaces,
  { keepControl = false }: DecodeOptions = {},
): TokenStream => {
  const bytes: number[] = [];
  let atStart = leading !== 'keep';

  const emit = (text: string): string => {
    if (text !== '') atStart = false;
    return text;
  };
  const pieceText = (text: string, opensWithSpaceSymbol: boolean): string => {
    if (!atStart || !opensWithSpaceSymbol) return emit(text);
    if (leading === 'drop-first') atStart = false;
    return emit(text.slice(1));
  };
  const push = (id: number): string => {
    const surface = surfaceOf(id);
    if (surface.kind === 'byte') {
      bytes.push(surface.byte);
      return emit(takeCertain(bytes, true));
    }
    const before = emit(takeCertain(bytes, false));
    switch (surface.kind) {
      case 'text':
        return before + pieceText(surface.text, surface.opensWithSpaceSymbol);
      case 'unknown':
        return before + emit(surface.text);
      case 'control':
        return before + (keepControl ? emit(surface.text) : '');
    }
  };
  return { push, end: () => emit(takeCertain(bytes, false)) };
};
