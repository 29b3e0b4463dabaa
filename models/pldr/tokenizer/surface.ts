import { byteOf } from './check-model.ts';
import type { ModelFile, Piece } from './model-file.ts';

const spaceSymbol = '\u2581';

/** What a piece contributes to decoded text. */
export type Surface =
  | { readonly kind: 'text'; readonly text: string; readonly opensWithSpaceSymbol: boolean }
  | { readonly kind: 'control'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string }
  | { readonly kind: 'byte'; readonly byte: number };

/** Which spaces at the start of a text are not part of it: none, the one of the dummy prefix, or all. */
export type LeadingSpaces = 'keep' | 'drop-first' | 'drop-all';

/** The surface of a piece; `unkSurface` is what the model prints for the unknown one. */
export const surfaceOfPiece = (piece: Piece, unkSurface: string): Surface => {
  switch (piece.kind) {
    case 'byte':
      return { kind: 'byte', byte: byteOf(piece) };
    case 'control':
      return { kind: 'control', text: piece.text };
    case 'unknown':
      return { kind: 'unknown', text: unkSurface };
    case 'normal':
    case 'userDefined':
    case 'unused':
      return {
        kind: 'text',
        text: piece.text.replaceAll(spaceSymbol, ' '),
        opensWithSpaceSymbol: piece.text.startsWith(spaceSymbol),
      };
  }
};

/** Decoding undoes the dummy prefix, and where spaces were squeezed, every leading space. */
export const leadingSpaces = ({ normaliser }: ModelFile): LeadingSpaces => {
  if (normaliser.removeExtraWhitespaces) return 'drop-all';
  return normaliser.addDummyPrefix ? 'drop-first' : 'keep';
};
