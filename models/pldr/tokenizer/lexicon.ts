import { ByteTrie } from './byte-trie.ts';
import type { ModelFile, Piece } from './model-file.ts';

const smallestNormalFloat32 = 2 ** -126;
const unknownPenalty = 10;

/** What the search for the best segmentation needs to know of the pieces. */
export interface Lexicon {
  /** Every piece that text may be cut into, to its id. */
  readonly trie: ByteTrie;
  /** Score of each id, as the number type (float32 or float64) in which SentencePiece adds it. */
  readonly scores: Float64Array;
  readonly unknownId: number;
  /** Score of a character that no piece covers, a float32. */
  readonly unknownScore: number;
}

/**
 * A user-defined piece must always win. SentencePiece gives it length·max − 0.1, where max is the highest score of a
 * normal piece but at least the smallest positive float32; the product is rounded to float32, the difference is not.
 */
const userDefinedScore = (piece: Piece, highest: number): number => Math.fround(piece.bytes.length * highest) - 0.1;

export const makeLexicon = ({ pieces }: ModelFile): Lexicon => {
  const normal = pieces.filter((piece) => piece.kind === 'normal');
  const highest = normal.reduce((max, piece) => Math.max(max, piece.score), smallestNormalFloat32);
  const lowest = normal.reduce((min, piece) => Math.min(min, piece.score), 3.4028234663852886e38);
  const usable = [...pieces.entries()].filter(([, { kind }]) => kind === 'normal' || kind === 'userDefined');
  return {
    trie: new ByteTrie(usable.map(([id, piece]) => [piece.bytes, id])),
    scores: Float64Array.from(pieces, (p) => (p.kind === 'userDefined' ? userDefinedScore(p, highest) : p.score)),
    unknownId: pieces.findIndex((piece) => piece.kind === 'unknown'),
    unknownScore: Math.fround(lowest - unknownPenalty),
  };
};
