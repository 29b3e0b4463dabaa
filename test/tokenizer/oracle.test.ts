import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../models/pldr/tokenizer/index.ts';
import { loadOracle, MODELS, texts } from './support.ts';

const names = [{ name: 'paper' }, { name: 'shakespeare' }] as const;

describe.each(names)('the $name model and SentencePiece itself', ({ name }) => {
  const loaded = Promise.all([loadTokenizer(MODELS[name]), loadOracle(MODELS[name])]);

  it('agree on the ids of any text', async () => {
    const [tokenizer, oracle] = await loaded;
    fc.assert(
      fc.property(texts, (text) => {
        expect(tokenizer.encode(text)).toEqual(oracle.encodeIds(text));
      }),
      { numRuns: 1500 },
    );
  });

  it('agree on the text of any ids', async () => {
    const [tokenizer, oracle] = await loaded;
    const bytePiece = fc.integer({ min: 6, max: 261 });
    const id = fc.oneof(fc.nat(tokenizer.size - 1), fc.nat(5), bytePiece, fc.constantFrom(264, 265));
    fc.assert(
      fc.property(fc.array(id, { maxLength: 30 }), (ids) => {
        expect(tokenizer.decode(ids)).toBe(oracle.decodeIds(ids));
      }),
      { numRuns: 1500 },
    );
  });

  it('agree on every piece alone and on its own text', async () => {
    const [tokenizer, oracle] = await loaded;
    for (let id = 0; id < tokenizer.size; id++) {
      const text = oracle.decodeIds([id]);
      expect({ id, text: tokenizer.decode([id]) }).toEqual({ id, text });
      expect({ id, ids: tokenizer.encode(text) }).toEqual({ id, ids: oracle.encodeIds(text) });
    }
  });

  it('agree on a text so long that rounded path scores decide between pieces', async () => {
    const [tokenizer, oracle] = await loaded;
    const some = fc.sample(texts, { numRuns: 2000, seed: 20240607 }).join(' ');
    const long = some.repeat(Math.ceil(500_000 / some.length));
    const ids = tokenizer.encode(long);
    expect(ids.length).toBeGreaterThan(100_000);
    // Compared as text: a difference of that length would never finish printing.
    expect(ids.join() === oracle.encodeIds(long).join()).toBe(true);
  });
});

describe('encoding', () => {
  it('reads a lone surrogate as U+FFFD', async () => {
    const tokenizer = await loadTokenizer(MODELS.paper);
    const units = fc.string({ unit: fc.constantFrom('a', ' ', '日', '😀', '\ud83d', '\ude00', '\udfff', '\ud800') });
    const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
    fc.assert(
      fc.property(units, (text) => {
        expect(tokenizer.encode(text)).toEqual(tokenizer.encode(text.replace(lone, '\ufffd')));
      }),
    );
  });

  it('takes time linear in the text', async () => {
    const tokenizer = await loadTokenizer(MODELS.paper);
    const seconds = (text: string): number => {
      const start = performance.now();
      tokenizer.encode(text);
      return (performance.now() - start) / 1000;
    };
    const sentence = 'The quick brown fox, aged 12, jumps over the lazy dog.\n';
    tokenizer.encode(sentence.repeat(1000));
    const small = Math.min(...[1, 2, 3].map(() => seconds(sentence.repeat(2_000))));
    const large = Math.min(...[1, 2].map(() => seconds(sentence.repeat(32_000))));
    // 16 times the text: a quadratic search would take 256 times as long.
    expect(large / small).toBeLessThan(64);
  });
});
