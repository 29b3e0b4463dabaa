import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import { loadTokenizer, parseTokenizer } from '../../models/pldr/tokenizer/index.ts';
import { bytePieces, framePieces, PIECE, writeModel, type WrittenModel } from './model-writer.ts';
import { errorFrom, MODELS } from './support.ts';

const letter = { text: 'a', score: -1, type: PIECE.normal };
const parseError = (model: WrittenModel): RicciError => errorFrom(() => parseTokenizer(writeModel(model), 'bad.model'));

describe('files that are no tokenizer model', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ricci-bad-model-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('a missing file and a folder are told apart', async () => {
    const missing = join(folder, 'tokenizer.model');
    await expect(loadTokenizer(missing)).rejects.toMatchObject({ code: 'tokenizer/file-missing' });
    await expect(loadTokenizer(missing)).rejects.toThrow(missing);
    await expect(loadTokenizer(folder)).rejects.toMatchObject({ code: 'tokenizer/file-unreadable' });
  });

  it.each([
    ['nothing', ''],
    ['a page', '<!DOCTYPE html><html><body>404</body></html>'],
    ['a pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 796800\n'],
    ['JSON', '{"model": {"type": "Unigram", "vocab": []}}'],
  ])('%s in its place is refused by name', async (_, content) => {
    const file = join(folder, 'other.model');
    await writeFile(file, content);
    await expect(loadTokenizer(file)).rejects.toMatchObject({ code: 'tokenizer/not-sentencepiece' });
    await expect(loadTokenizer(file)).rejects.toThrow(`${file} (${content.length} bytes)`);
  });

  it('a file cut short anywhere is refused', () => {
    const whole = readFileSync(MODELS.shakespeare);
    const pieceEnds = fc.integer({ min: 0, max: 14_000 });
    fc.assert(
      fc.property(fc.oneof(fc.nat(whole.length - 1), pieceEnds), (length) => {
        expect(errorFrom(() => parseTokenizer(whole.subarray(0, length))).code).toBe('tokenizer/not-sentencepiece');
      }),
    );
  });

  it('damaged bytes give a RicciError or a tokenizer, never another error', () => {
    const whole = writeModel({ pieces: [...framePieces, ...bytePieces.slice(0, 4), letter] });
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        try {
          expect(parseTokenizer(bytes).decode(parseTokenizer(bytes).encode('a b'))).toBeTypeOf('string');
        } catch (error) {
          expect(error).toBeInstanceOf(RicciError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('models that are not usable', () => {
  it.each([
    [2, 'BPE'],
    [3, 'WORD'],
    [4, 'CHAR'],
    [9, 'number 9'],
  ])('model type %i is refused as %s', (modelType, shown) => {
    const error = parseError({ pieces: [...framePieces, letter], modelType });
    expect(error.code).toBe('tokenizer/not-unigram');
    expect(error.message).toContain(`bad.model is a SentencePiece model of type ${shown}, not a unigram model.`);
  });

  it('no pieces at all', () => {
    expect(parseError({ pieces: [] }).code).toBe('tokenizer/no-pieces');
  });

  it('lists all that is wrong with the pieces', () => {
    const empty = { text: '', score: -1, type: PIECE.normal };
    const misnamed = { text: '<0xGG>', type: PIECE.byte };
    const pieces = [...framePieces, framePieces[1]!, letter, letter, empty, misnamed, ...bytePieces.slice(1)];
    const error = parseError({ pieces, byteFallback: true });
    expect(error.code).toBe('tokenizer/bad-pieces');
    for (const problem of [
      'piece 7 is empty',
      'there are 2 unknown pieces (1, 4) and not 1',
      'pieces 5 and 6 are both "a"',
      'byte piece "<0xGG>" names no byte',
      'but 1 of the 256 byte pieces are missing',
    ]) {
      expect(error.message).toContain(problem);
    }
  });

  it('byte pieces without byte fallback, a score that is no number, no unknown piece', () => {
    const error = parseError({ pieces: [{ ...letter, score: Number.NaN }, bytePieces[0]!] });
    expect(error.message).toContain('there are 1 byte pieces, but byte fallback is off');
    expect(error.message).toContain('the score of piece 0 is not a number');
    expect(error.message).toContain('there are 0 unknown pieces');
  });

  it('a normalisation table whose sizes do not fit', () => {
    for (const charsmap of [[1, 2, 3], [0, 0, 0, 0, 1], [255, 255, 0, 0, 1, 2], [3, 0, 0, 0, 1, 2, 3, 4]]) {
      const error = parseError({ pieces: [...framePieces, letter], charsmap: Uint8Array.from(charsmap) });
      expect(error.code).toBe('tokenizer/bad-charsmap');
    }
  });

  it('a denormaliser', () => {
    const error = parseError({ pieces: [...framePieces, letter], denormaliserCharsmap: Uint8Array.of(1, 2, 3) });
    expect(error.code).toBe('tokenizer/unsupported');
  });
});

describe('ids out of range', () => {
  const tokenizer = parseTokenizer(writeModel({ pieces: [...framePieces, letter] }));

  it('are listed', () => {
    const error = errorFrom(() => tokenizer.decode([4, 5, -1, 1.5, 0]));
    expect(error.code).toBe('tokenizer/id-out-of-range');
    expect(error.message).toContain('has ids 0 to 4; it was given 5, -1, 1.5.');
    expect(errorFrom(() => tokenizer.decode(Array.from({ length: 14 }, () => 7))).message).toContain('and 4 more');
  });

  it('are refused by piece and by a stream', () => {
    expect(errorFrom(() => tokenizer.piece(5)).code).toBe('tokenizer/id-out-of-range');
    expect(errorFrom(() => tokenizer.stream().push(-1)).code).toBe('tokenizer/id-out-of-range');
  });
});
