import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTokenizer, parseTokenizer } from '../../models/pldr/tokenizer/index.ts';
import { framePieces, PIECE, writeModel } from './model-writer.ts';
import { errorFrom, MODELS, texts } from './support.ts';

const loaded = loadTokenizer(MODELS.paper);
const names = ['[PAD]', '[UNK]', '[START]', '[END]'] as const;
const plainTexts = texts.filter((text) => !names.some((name) => text.includes(name)));

describe('bos and eos', () => {
  it('frame the ids of any text and vanish in decoding', async () => {
    const tokenizer = await loaded;
    fc.assert(
      fc.property(texts, fc.boolean(), fc.boolean(), (text, bos, eos) => {
        const ids = tokenizer.encode(text);
        const framed = tokenizer.encode(text, { bos, eos });
        expect(framed).toEqual([...(bos ? [2] : []), ...ids, ...(eos ? [3] : [])]);
        expect(tokenizer.decode(framed)).toBe(tokenizer.decode(ids));
      }),
    );
  });

  it('are refused where the model has none', () => {
    const pieces = [...framePieces.slice(0, 2), { text: 'a', score: -1, type: PIECE.normal }];
    const tokenizer = parseTokenizer(writeModel({ pieces }), 'small.model');
    expect(tokenizer.specials).toEqual({ pad: 0, unk: 1 });
    const error = errorFrom(() => tokenizer.encode('a', { bos: true }));
    expect(error.code).toBe('tokenizer/special-missing');
    expect(error.message).toContain('small.model has no bos piece (its specification names "[START]")');
  });
});

describe('matchSpecials', () => {
  it('changes nothing in a text that names no special token', async () => {
    const tokenizer = await loaded;
    fc.assert(
      fc.property(plainTexts, (text) => {
        expect(tokenizer.encode(text, { matchSpecials: true })).toEqual(tokenizer.encode(text));
      }),
    );
  });

  it('encodes what opens the text as that text alone, up to the first special token', async () => {
    const tokenizer = await loaded;
    fc.assert(
      fc.property(plainTexts, fc.constantFrom(0, 1, 2, 3), (text, id) => {
        const ids = tokenizer.encode(text + tokenizer.piece(id), { matchSpecials: true });
        expect(ids).toEqual([...tokenizer.encode(text), id]);
      }),
    );
  });

  it('without it, special tokens in text are ordinary characters', async () => {
    const tokenizer = await loaded;
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...names), texts)), (parts) => {
        expect(tokenizer.encode(parts.join('')).filter((id) => id < 4)).toEqual([]);
      }),
    );
  });

  it('gives text after a special token no dummy prefix, and keeps one space there', async () => {
    const tokenizer = await loaded;
    const pieces = (text: string): readonly string[] =>
      tokenizer.encode(text, { matchSpecials: true }).map(tokenizer.piece);
    expect(pieces('[END]')).toEqual(['[END]']);
    expect(pieces('[START]the')).toEqual(['[START]', 'the']);
    expect(pieces('[START] the')).toEqual(['[START]', '▁the']);
    expect(pieces('the \n[END][PAD] \n the [UNK]')).toEqual(['▁the', '[END]', '[PAD]', '▁the', '[UNK]']);
    expect(pieces('  [END]  ')).toEqual(['[END]']);
    expect(pieces('[SEP][END]')).toEqual(['▁', '[SEP]', '[END]']);
  });
});

describe('keepControl', () => {
  it('writes control pieces out, and reading them back gives the same ids', async () => {
    const tokenizer = await loaded;
    // Texts as decoding gives them, so that their ids are what encoding gives again.
    const part = fc.constantFrom('the', 'king is dead', '12', '日本', '😀', '');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('[PAD]', '[START]', '[END]'), part)), (parts) => {
        const text = parts.flat().join('');
        const ids = tokenizer.encode(text, { matchSpecials: true });
        expect(tokenizer.decode(ids, { keepControl: true })).toBe(text);
      }),
    );
  });

  it('keeps the space of the first word after bos', async () => {
    const tokenizer = await loaded;
    const ids = tokenizer.encode('Hello world', { bos: true, eos: true });
    expect(tokenizer.decode(ids)).toBe('Hello world');
    expect(tokenizer.decode(ids, { keepControl: true })).toBe('[START] Hello world[END]');
    const stream = tokenizer.stream({ keepControl: true });
    expect(ids.map((id) => stream.push(id)).join('')).toBe('[START] Hello world[END]');
  });
});
