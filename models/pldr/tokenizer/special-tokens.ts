import { ByteTrie } from './byte-trie.ts';
import type { ModelFile } from './model-file.ts';

/** Ids of the tokens that frame texts; absent where the model has no such piece. */
export interface SpecialIds {
  readonly pad?: number;
  readonly unk?: number;
  readonly bos?: number;
  readonly eos?: number;
}

/** The ids behind the names that the trainer specification gives. */
export const specialIds = ({ pieces, trainer }: ModelFile): SpecialIds => {
  const idOf = (kind: 'control' | 'unknown', text: string): number =>
    pieces.findIndex((piece) => piece.kind === kind && piece.text === text);
  const named = [
    ['pad', idOf('control', trainer.padPiece)],
    ['unk', idOf('unknown', trainer.unkPiece)],
    ['bos', idOf('control', trainer.bosPiece)],
    ['eos', idOf('control', trainer.eosPiece)],
  ] as const;
  return Object.fromEntries(named.filter(([, id]) => id >= 0));
};

/** A stretch of text between special tokens, or one of these. */
export type TextPart =
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  | { readonly kind: 'special'; readonly id: number };

/** The names of the control pieces and of the unknown piece, to be found in text. */
export const specialTrie = ({ pieces }: ModelFile): ByteTrie =>
  new ByteTrie(
    [...pieces.entries()]
      .filter(([, { kind }]) => kind === 'control' || kind === 'unknown')
      .map(([id, piece]) => [piece.bytes, id]),
  );

/** Cuts UTF-8 text at every special token written in it, the longest one first. */
export const splitAtSpecials = (text: Uint8Array, specials: ByteTrie): readonly TextPart[] => {
  const parts: TextPart[] = [];
  const addText = (from: number, to: number): void => {
    if (from < to) parts.push({ kind: 'text', bytes: text.subarray(from, to) });
  };
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const length = specials.longestPrefix(text, at);
    if (length === 0) {
      at++;
      continue;
    }
    addText(from, at);
    parts.push({ kind: 'special', id: specials.find(text.subarray(at, at + length)) });
    at += length;
    from = at;
  }
  addText(from, text.length);
  return parts;
};
