import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../models/pldr/tokenizer/index.ts';
import { MODELS, readRows } from './support.ts';

interface EncodedRow {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}

interface DecodedRow {
  readonly ids: readonly number[];
  readonly decoded: string;
}

describe('what SentencePiece 0.1.97 gave for the stored texts', () => {
  it.each([
    { name: 'paper', rows: 'encode.jsonl', count: 470 },
    { name: 'shakespeare', rows: 'shakespeare.jsonl', count: 67 },
  ] as const)('$name: encodes and decodes every line', async ({ name, rows, count }) => {
    const tokenizer = await loadTokenizer(MODELS[name]);
    const lines = readRows<EncodedRow>(rows);
    expect(lines.length).toBe(count);
    for (const { text, ids, decoded } of lines) {
      expect({ text, ids: tokenizer.encode(text), decoded: tokenizer.decode(ids) }).toEqual({ text, ids, decoded });
    }
  });

  it('decodes arbitrary ids: control pieces, broken UTF-8, spaces', async () => {
    const tokenizer = await loadTokenizer(MODELS.paper);
    const lines = readRows<DecodedRow>('decode.jsonl');
    expect(lines.length).toBe(150);
    for (const { ids, decoded } of lines) expect({ ids, decoded: tokenizer.decode(ids) }).toEqual({ ids, decoded });
  });
});

describe('the paper model', () => {
  it('has the ids that the model relies on', async () => {
    const tokenizer = await loadTokenizer(MODELS.paper);
    expect(tokenizer.size).toBe(32000);
    expect(tokenizer.specials).toEqual({ pad: 0, unk: 1, bos: 2, eos: 3 });
    expect([0, 1, 2, 3, 4, 5, 6, 261].map(tokenizer.piece)).toEqual([
      '[PAD]', '[UNK]', '[START]', '[END]', '[SEP]', '[CLS]', '<0x00>', '<0xFF>',
    ]);
  });
});
