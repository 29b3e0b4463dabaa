import { ByteTrie } from './byte-trie.ts';
import type { Lexicon } from './lexicon.ts';
import { characterLength } from './utf8.ts';

/** One piece of a segmentation: its id, and the bytes it covers. */
export interface Segment {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Best way to reach each byte position: its score (float32, as SentencePiece keeps it) and its last piece. */
interface Paths {
  readonly score: Float32Array;
  readonly start: Int32Array;
  readonly id: Int32Array;
}

const unreached = -1;

const searchPaths = (text: Uint8Array, { trie, scores, unknownId, unknownScore }: Lexicon): Paths => {
  const size = text.length;
  const best: Paths = {
    score: new Float32Array(size + 1),
    start: new Int32Array(size + 1).fill(unreached),
    id: new Int32Array(size + 1),
  };
  // The candidate is compared before it is rounded to float32, and the first of equals stays: ties come out as in
  // SentencePiece only so.
  const offer = (end: number, score: number, start: number, id: number): void => {
    if (best.start[end] !== unreached && score <= best.score[end]!) return;
    best.score[end] = score;
    best.start[end] = start;
    best.id[end] = id;
  };
  for (let start = 0, width = 0; start < size; start += width) {
    width = Math.min(characterLength(text[start]!), size - start);
    const here = best.score[start]!;
    let covered = false;
    let node = ByteTrie.root;
    for (let end = start; end < size; ) {
      node = trie.child(node, text[end]!);
      if (node < 0) break;
      end++;
      const id = trie.value(node);
      if (id < 0) continue;
      offer(end, here + scores[id]!, start, id);
      if (end - start === width) covered = true;
    }
    if (!covered) offer(start + width, Math.fround(here + unknownScore), start, unknownId);
  }
  return best;
};

/**
 * The segmentation of normalised UTF-8 text with the highest sum of piece scores (Viterbi over byte positions, one
 * unknown piece per character that no piece covers). Time and memory are linear in the text.
 */
export const bestSegmentation = (text: Uint8Array, lexicon: Lexicon): readonly Segment[] => {
  const best = searchPaths(text, lexicon);
  const segments: Segment[] = [];
  for (let end = text.length; end > 0; end = best.start[end]!) {
    segments.push({ id: best.id[end]!, start: best.start[end]!, end });
  }
  return segments.toReversed();
};
