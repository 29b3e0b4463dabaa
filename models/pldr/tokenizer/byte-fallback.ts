import { byteOf } from './check-model.ts';
import type { ModelFile } from './model-file.ts';
import type { Segment } from './viterbi.ts';

/** What an unknown piece becomes: its bytes' own pieces, or, without byte fallback, one unknown id for a whole run. */
export type UnknownRule =
  | { readonly kind: 'bytes'; readonly idOfByte: Int32Array }
  | { readonly kind: 'merge' };

export const unknownRule = ({ pieces, trainer }: ModelFile): UnknownRule => {
  if (!trainer.byteFallback) return { kind: 'merge' };
  const idOfByte = new Int32Array(256);
  pieces.forEach((piece, id) => {
    if (piece.kind === 'byte') idOfByte[byteOf(piece)] = id;
  });
  return { kind: 'bytes', idOfByte };
};

/** Appends the ids of a segmentation of `text` to `ids`. */
export const appendIds = (
  ids: number[],
  text: Uint8Array,
  segments: readonly Segment[],
  unknownId: number,
  rule: UnknownRule,
): void => {
  let previous = -1;
  for (const { id, start, end } of segments) {
    if (id !== unknownId) ids.push(id);
    else if (rule.kind === 'bytes') for (let i = start; i < end; i++) ids.push(rule.idOfByte[text[i]!]!);
    else if (previous !== unknownId) ids.push(id);
    previous = id;
  }
};
