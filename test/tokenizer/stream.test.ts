import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTokenizer, type Tokenizer } from '../../models/pldr/tokenizer/index.ts';
import { loadOracle, MODELS, texts } from './support.ts';

const loaded = Promise.all([loadTokenizer(MODELS.paper), loadOracle(MODELS.paper)]);

const firstByte = 6;
const isByte = (id: number): boolean => id >= firstByte && id < firstByte + 256;
const idsOfBytes = (text: string): number[] => [...new TextEncoder().encode(text)].map((byte) => firstByte + byte);

/** Ids with many runs of byte pieces, whole characters and broken ones. */
const idSequences = (tokenizer: Tokenizer): fc.Arbitrary<readonly number[]> => {
  const run = fc.oneof(
    fc.nat(tokenizer.size - 1).map((id) => [id]),
    fc.nat(5).map((id) => [id]),
    fc.constant([265]),
    fc.string({ unit: 'binary', maxLength: 3 }).map(idsOfBytes),
    fc.array(fc.integer({ min: 0x80, max: 0xff }).map((byte) => firstByte + byte), { maxLength: 5 }),
    texts.map((text) => tokenizer.encode(text).slice(0, 12)),
  );
  return fc.array(run, { maxLength: 8 }).map((runs) => runs.flat());
};

describe('a token stream', () => {
  it('gives, joined, what SentencePiece decodes from all ids', async () => {
    const [tokenizer, oracle] = await loaded;
    fc.assert(
      fc.property(idSequences(tokenizer), (ids) => {
        const stream = tokenizer.stream();
        expect(ids.map((id) => stream.push(id)).join('') + stream.end()).toBe(oracle.decodeIds(ids));
      }),
      { numRuns: 1000 },
    );
  });

  it('never takes back what it gave, and holds back at most three bytes', async () => {
    const [tokenizer, oracle] = await loaded;
    fc.assert(
      fc.property(idSequences(tokenizer), (ids) => {
        const stream = tokenizer.stream();
        let given = '';
        ids.forEach((id, i) => {
          given += stream.push(id);
          const sofar = oracle.decodeIds(ids.slice(0, i + 1));
          const held = sofar.slice(given.length);
          expect(sofar.startsWith(given)).toBe(true);
          expect(held).toMatch(isByte(id) ? /^\ufffd{0,3}$/ : /^$/);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('gives each character with its last byte', async () => {
    const [tokenizer] = await loaded;
    const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(fc.array(character, { maxLength: 10 }), (characters) => {
        const stream = tokenizer.stream();
        for (const c of characters) {
          const parts = idsOfBytes(c).map((id) => stream.push(id));
          expect(parts).toEqual([...parts.slice(1).map(() => ''), c]);
        }
        expect(stream.end()).toBe('');
      }),
    );
  });

  it('gives bytes up as soon as nothing can complete them', async () => {
    const [tokenizer] = await loaded;
    const push = (...bytes: readonly number[]): readonly string[] => {
      const stream = tokenizer.stream();
      return [...bytes.map((byte) => stream.push(firstByte + byte)), stream.end()];
    };
    expect(push(0xe6, 0x97, 0xa5)).toEqual(['', '', '日', '']);
    expect(push(0xe6, 0x41)).toEqual(['', '\ufffdA', '']);
    expect(push(0xed, 0xa0)).toEqual(['', '\ufffd\ufffd', '']);
    expect(push(0xc0, 0x80)).toEqual(['\ufffd', '\ufffd', '']);
    expect(push(0xf4, 0x90)).toEqual(['', '\ufffd\ufffd', '']);
    expect(push(0xf0, 0x9f, 0x98)).toEqual(['', '', '', '\ufffd\ufffd\ufffd']);
  });
});
