import { RicciError } from '../../../dsl/errors.ts';
import type { ModelFile, Piece } from './model-file.ts';

const modelTypes: Readonly<Record<number, string>> = { 1: 'UNIGRAM', 2: 'BPE', 3: 'WORD', 4: 'CHAR' };
const shownProblems = 12;

/** The byte that a piece named like `<0x0A>` stands for, or -1. */
export const byteOf = (piece: Piece): number => {
  const digits = /^<0x([0-9A-F]{2})>$/.exec(piece.text)?.[1];
  return digits === undefined ? -1 : Number.parseInt(digits, 16);
};

const duplicates = (pieces: readonly Piece[], ids: readonly number[]): string[] => {
  const first = new Map<string, number>();
  return ids.flatMap((id) => {
    const { text } = pieces[id]!;
    const earlier = first.get(text);
    if (earlier === undefined) first.set(text, id);
    return earlier === undefined || text === '' ? [] : [`pieces ${earlier} and ${id} are both "${text}"`];
  });
};

const byteProblems = (file: ModelFile): string[] => {
  const bytePieces = file.pieces.filter((piece) => piece.kind === 'byte');
  if (!file.trainer.byteFallback) {
    return bytePieces.length === 0 ? [] : [`there are ${bytePieces.length} byte pieces, but byte fallback is off`];
  }
  const found = new Set(bytePieces.map(byteOf).filter((byte) => byte >= 0));
  const missing = 256 - found.size;
  return [
    ...bytePieces.filter((piece) => byteOf(piece) < 0).map((piece) => `byte piece "${piece.text}" names no byte`),
    ...(missing > 0 ? [`byte fallback is on, but ${missing} of the 256 byte pieces are missing`] : []),
  ];
};

const pieceProblems = (file: ModelFile): string[] => {
  const ids = [...file.pieces.keys()];
  const inText = (id: number): boolean => ['normal', 'userDefined', 'unused'].includes(file.pieces[id]!.kind);
  const unknown = ids.filter((id) => file.pieces[id]!.kind === 'unknown');
  return [
    ...ids.filter((id) => file.pieces[id]!.bytes.length === 0).map((id) => `piece ${id} is empty`),
    ...ids.filter((id) => Number.isNaN(file.pieces[id]!.score)).map((id) => `the score of piece ${id} is not a number`),
    ...(unknown.length === 1 ? [] : [`there are ${unknown.length} unknown pieces (${unknown.join(', ')}) and not 1`]),
    ...duplicates(file.pieces, ids.filter(inText)),
    ...duplicates(file.pieces, ids.filter((id) => !inText(id))),
    ...byteProblems(file),
  ];
};

const checkType = ({ trainer }: ModelFile, name: string): void => {
  if (trainer.modelType === 1) return;
  const type = modelTypes[trainer.modelType] ?? `number ${trainer.modelType}`;
  throw new RicciError({
    code: 'tokenizer/not-unigram',
    message: `${name} is a SentencePiece model of type ${type}, not a unigram model.`,
    hint: 'PLDR-LLM tokenizers are unigram models; train or fetch one with model_type=unigram.',
  });
};

/**
 * Checks what encoding and decoding rely on.
 *
 * @throws RicciError `tokenizer/not-unigram`, `tokenizer/no-pieces`, `tokenizer/bad-pieces` (all problems at once) or
 * `tokenizer/unsupported`
 */
export const checkModel = (file: ModelFile, name: string): void => {
  checkType(file, name);
  if (file.pieces.length === 0) {
    throw new RicciError({
      code: 'tokenizer/no-pieces',
      message: `${name} is a SentencePiece model without a single piece.`,
      hint: 'Give a trained model.',
    });
  }
  const problems = pieceProblems(file);
  if (problems.length > 0) {
    const more = problems.length - shownProblems;
    const shown = problems.slice(0, shownProblems).join('; ') + (more > 0 ? `; and ${more} more` : '');
    throw new RicciError({
      code: 'tokenizer/bad-pieces',
      message: `${name}: the pieces contradict each other: ${shown}.`,
      hint: 'The file was damaged or edited; fetch or train it again.',
    });
  }
  if (file.hasDenormaliser) {
    throw new RicciError({
      code: 'tokenizer/unsupported',
      message: `${name} rewrites decoded text by a denormaliser table, which this tokenizer does not do.`,
      hint: 'Train the model without denormalization_rule_tsv.',
    });
  }
};
