import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { bestAnswer } from '../../../models/pldr/heads/best-answer.ts';
import { encodeQuestion, encodeText, encodeWords } from '../../../models/pldr/heads/encode.ts';
import { softmaxOf } from '../../../models/pldr/heads/softmax.ts';
import { loadTokenizer, type Tokenizer } from '../../../models/pldr/index.ts';
import { answerSpan } from '../../../models/pldr/train/labelled/answer-span.ts';
import { FIXTURES } from '../fixtures.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(join(FIXTURES, 'tokenizer', 'paper-32k.model'));
});

const word = fc.string({ unit: fc.constantFrom(...'abcdeghijklmnorstuwyABT.,!?-\'é日½'), minLength: 1, maxLength: 9 });
const words = fc.array(word, { minLength: 1, maxLength: 8 });
const space = fc.constantFrom(' ', '  ', '\n', '\t');

describe('words', () => {
  test('have the tokens that each has alone, one after another', () => fc.assert(fc.property(words, (all) => {
    const { ids, first } = encodeWords(tokenizer, all);
    expect(ids).toEqual(all.flatMap((one) => tokenizer.encode(one)));
    all.forEach((one, i) => {
      const own = tokenizer.encode(one);
      if (first[i] === undefined) expect(own).toEqual([]);
      else expect(ids.slice(first[i], first[i] + own.length)).toEqual(own);
    });
  })));

  test('of plain text have the tokens of the text', () => {
    const text = 'Romeo loves Juliet, the daughter of Capulet.';
    expect(encodeWords(tokenizer, text.split(' ')).ids).toEqual(tokenizer.encode(text));
    expect(encodeQuestion(tokenizer, 'Who?', text).ids).toEqual([...tokenizer.encode('Who?', { eos: true }),
      ...tokenizer.encode(text)]);
  });

  test('an empty text is the token that ends texts', () => {
    expect(encodeText(tokenizer, '')).toEqual([tokenizer.specials.eos]);
  });
});

describe('the tokens of a context', () => {
  test('stand for its words without a gap, in order', () => fc.assert(fc.property(words, space, (all, gap) => {
    const context = all.join(gap);
    const { spans, ids } = encodeQuestion(tokenizer, 'why', context);
    expect(spans).toHaveLength(ids.length);
    const covered = new Set(spans.flatMap((span) =>
      (span === undefined ? [] : Array.from({ length: span.to - span.from }, (_, i) => span.from + i))));
    const spelt = all.every((one) => tokenizer.encode(one).length > 0);
    if (spelt) for (const [i, char] of context.split('').entries()) expect(covered.has(i)).toBe(/\S/u.test(char));
    const starts = spans.flatMap((span) => (span === undefined ? [] : [span.from]));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  })));

  test('give an answer back where it consists of whole ones', () => fc.assert(
    fc.property(words, fc.nat(), fc.nat(), (all, a, b) => {
      const context = all.join(' ');
      const { spans } = encodeQuestion(tokenizer, 'why', context);
      const parts = spans.flatMap((span) => (span === undefined ? [] : [span]));
      fc.pre(parts.length > 0);
      const [i, j] = [a % parts.length, b % parts.length].sort((x, y) => x - y);
      const answer = context.slice(parts[i!]!.from, parts[j!]!.to);
      fc.pre(answer.trim() === answer && answer !== '');
      const start = Array.from(context.slice(0, parts[i!]!.from)).length;
      const problems: string[] = [];
      expect(answerSpan(context, answer, start, problems)).toEqual({ from: parts[i!]!.from, to: parts[j!]!.to });
      expect(problems).toEqual([]);
    }),
  ));
});

describe('the best answer', () => {
  const logits = fc.array(fc.integer({ min: -20, max: 20 }).map((x) => x / 4), { minLength: 2, maxLength: 16 })
    .map((all) => all.slice(0, 2 * Math.floor(all.length / 2)));

  test('is the likeliest of all ranges that end where they begin, or later', () => fc.assert(
    fc.property(logits, fc.nat(), (x, hidden) => {
      const tokens = Array.from({ length: x.length / 2 }, (_, i) => i).filter((i) => i !== hidden % 9);
      fc.pre(tokens.length > 0);
      const [starts, ends] = [0, 1].map((edge) => softmaxOf(tokens.map((i) => x[2 * i + edge]!)));
      const all = tokens.flatMap((_, i) => tokens.slice(i).map((_to, j) => starts![i]! * ends![i + j]!));
      const best = bestAnswer(x, (i) => tokens.includes(i)) ?? expect.unreachable('no answer');
      expect(best.to).toBeGreaterThanOrEqual(best.from);
      expect(tokens).toEqual(expect.arrayContaining([best.from, best.to]));
      expect(best.probability).toBeCloseTo(Math.max(...all), 12);
      const [from, to] = [tokens.indexOf(best.from), tokens.indexOf(best.to)];
      expect(starts![from]! * ends![to]!).toBeCloseTo(best.probability, 12);
    }),
  ));
});
