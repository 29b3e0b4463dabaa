import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../../models/pldr/index.ts';
import type { HeadKind } from '../../../../models/pldr/heads/head-kind.ts';
import { corpusFiles } from '../../../../models/pldr/train/data/corpus-files.ts';
import { IGNORED_LABEL } from '../../../../models/pldr/train/head-losses.ts';
import {
  batchesInOrder, exampleBatches, type NumberedExample, type RowShape,
} from '../../../../models/pldr/train/labelled/example-batches.ts';
import { BEHIND, type Example } from '../../../../models/pldr/train/labelled/example.ts';
import { checkLabels, sortedLabels } from '../../../../models/pldr/train/labelled/labels.ts';
import { readerOf } from '../../../../models/pldr/train/labelled/readers.ts';
import {
  labelAt, readRecords, textAt, type RecordReader,
} from '../../../../models/pldr/train/labelled/read-records.ts';
import { splitExamples } from '../../../../models/pldr/train/labelled/split-examples.ts';
import type { JsonObject } from '../../../../runtime/safetensors/json.ts';
import { textCheckpoint } from '../../../cli/checkpoints.ts';
import { errorOf, temporaryFolder } from '../../../weights/support.ts';

const folder = temporaryFolder();

/** Reads lines as examples of a kind, with a tokenizer of single characters. */
async function read(kind: HeadKind, lines: readonly unknown[], context = 20): Promise<readonly Example[]> {
  const path = join(mkdtempSync(join(folder, 'data-')), 'data.jsonl');
  await writeFile(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  const tokenizer = await loadTokenizer((await textCheckpoint(folder)).tokenizer);
  const records = await readRecords(await corpusFiles([path]), readerOf(kind, { tokenizer, context, key: 'text' }));
  return records.map(({ example }) => example);
}

const numberOf = (label: string): number => ['a', 'b'].indexOf(label);
/** ▁ is 4, a is 5, b is 6, … */
const SPACE = 4;

describe('an example', () => {
  test('of a text is its tokens and one label, cut where the context ends', async () => {
    const [first, second] = await read('sequence-classification', [
      { text: 'ab', label: 'b' }, '', { text: 'a b', label: 0, more: 1 },
    ], 3);
    expect(first).toMatchObject({ ids: [SPACE, 5, 6], labels: ['b'] });
    expect(first.targets(numberOf)).toEqual([1]);
    expect(second).toMatchObject({ ids: [SPACE, 5, SPACE], labels: ['0'] });
  });

  test('of words has a label at the first token of each', async () => {
    const [whole] = await read('token-classification', [{ tokens: ['ab', 'c'], labels: ['a', 'b'] }]);
    expect(whole.ids).toEqual([SPACE, 5, 6, SPACE, 7]);
    expect(whole.targets(numberOf)).toEqual([0, IGNORED_LABEL, IGNORED_LABEL, 1, IGNORED_LABEL]);
    const [cut] = await read('token-classification', [{ tokens: ['ab', 'c'], labels: ['a', 'b'] }], 3);
    expect(cut.targets(numberOf)).toEqual([0, IGNORED_LABEL, IGNORED_LABEL]);
    expect(cut.labels).toEqual(['a']);
  });

  test('of a question says where its answer begins and ends, or that it is cut off', async () => {
    const line = { question: 'q', context: 'ab cd. b', answer: 'cd' };
    // ▁ q [END] ▁ a b ▁ c d . ▁ b
    const [found] = await read('question-answering', [line]);
    expect(found.targets(numberOf)).toEqual([7, 8]);
    const [later] = await read('question-answering', [{ ...line, answer: 'b', start: 7 }]);
    expect(later.targets(numberOf)).toEqual([11, 11]);
    const [cut] = await read('question-answering', [line], 8);
    expect(cut.targets(numberOf)).toEqual([BEHIND, BEHIND]);
    expect(cut.ids).toHaveLength(8);
  });

  test('that cannot be used is named by file and line, all at once', async () => {
    const { code, message } = await errorOf(() => read('sequence-classification', [
      { text: 'a', label: 'a' }, { text: 'a' }, { label: 'b', text: 3 }, [1], { text: 'b', label: ' ' },
    ]));
    expect(code).toBe('data/labelled');
    expect(message).toMatch(/data\.jsonl:2: "label" is missing, where a label should be/);
    expect(message).toMatch(/data\.jsonl:3: "text" is 3, where a text should be/);
    expect(message).toMatch(/data\.jsonl:4: is \[1\], not a JSON object/);
    expect(message).toMatch(/data\.jsonl:5: "label" is " ", where a label should be/);
  });

  const wrong: readonly (readonly [what: string, kind: HeadKind, line: unknown, message: RegExp])[] = [
    ['more words than labels', 'token-classification', { tokens: ['a', 'b'], labels: ['a'] }, /:1: there are 2 tokens and 1 labels/],
    ['a word of nothing', 'token-classification', { tokens: [' '], labels: ['a'] }, /:1: token 0 is " "/],
    ['no word', 'token-classification', { tokens: [], labels: [] }, /:1: there is no token/],
    ['an answer that is not there', 'question-answering', { question: 'q', context: 'a b', answer: 'c' }, /:1: the answer "c" is not in the context/],
    ['an answer elsewhere', 'question-answering', { question: 'q', context: 'a b', answer: 'b', start: 0 }, /:1: the answer "b" is not at character 0 of the context, where "a" stands/],
    ['an empty answer', 'question-answering', { question: 'q', context: 'a b', answer: '' }, /:1: the answer is empty/],
    ['a question as long as the context', 'question-answering', { question: 'q'.repeat(30), context: 'a', answer: 'a' }, /:1: the question leaves no room for its context among 20 tokens/],
  ];
  test.each(wrong)('%s is refused', async (_what, kind, line, message) => {
    expect((await errorOf(() => read(kind, [line]))).message).toMatch(message);
  });

  test('may stand in a Parquet file, whose integers are labels too', async () => {
    const file = join(import.meta.dirname, '../../../fixtures/train/forty-none.parquet');
    const reader: RecordReader<string | undefined> = {
      columns: ['id'], optional: ['start'], read: (record, problems) => labelAt(record, 'id', problems),
    };
    const found = await readRecords(await corpusFiles([file]), reader);
    expect(found.map(({ example }) => example)).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
    expect(found[1].place).toBe(`${file}, row 1`);
    const texts = { columns: ['text'], read: (record: JsonObject, problems: string[]) => textAt(record, 'text', problems) };
    expect((await errorOf(async () => readRecords(await corpusFiles([file]), texts))).message)
      .toContain(`${file}, row 7: "text" is missing, where a text should be`);
    const lacking = await errorOf(async () => readRecords(await corpusFiles([file]), { ...reader, columns: ['label'] }));
    expect(lacking.code).toBe('data/key');
    expect(lacking.message).toContain('has no column "label"');
  });

  test('must be there', async () => {
    expect(await errorOf(() => read('sequence-classification', ['']))).toMatchObject({ code: 'data/empty' });
  });
});

describe('what is held out', () => {
  test('and what is trained on are all examples, in their order, drawn by the seed', () => fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 0, max: 99 }), fc.nat(), (count, percent, seed) => {
      const all = Array.from({ length: count }, (_, i) => i);
      const part = percent / 100;
      const expected = part === 0 ? 0 : Math.max(1, Math.floor(count * part));
      const { train, heldOut } = splitExamples(all, part, seed);
      expect([...train, ...heldOut].toSorted((a, b) => a - b)).toEqual(all);
      expect(heldOut).toHaveLength(expected);
      expect(heldOut).toEqual(heldOut.toSorted((a, b) => a - b));
      expect(splitExamples(all, part, seed).heldOut).toEqual(heldOut);
    }),
  ));

  test('has only labels that are trained', async () => {
    const split = { trained: new Set(['a', 'b']), heldOut: new Map([['c', 'data.jsonl:7'], ['a', 'data.jsonl:3']]) };
    const { message } = await errorOf(() => checkLabels(split));
    expect(message).toContain('Of "c" (data.jsonl:7) the training would see no example');
    expect((await errorOf(() => checkLabels({ trained: new Set(['a']), heldOut: new Map() }))).message)
      .toContain('All examples have the label "a"');
  });

  test('labels are sorted by code units', () => {
    expect(sortedLabels(['b', 'é', 'B', 'a', 'b'])).toEqual(['B', 'a', 'b', 'é']);
  });
});

describe('batches', () => {
  const SHAPE: RowShape = { rows: 3, positions: 4, padding: 0, width: 1, none: IGNORED_LABEL };
  const examples = (count: number): readonly NumberedExample[] =>
    Array.from({ length: count }, (_, i) => ({ ids: Array.from({ length: 1 + i % 4 }, () => i + 1), targets: [i] }));

  test('have each example once in an epoch, whatever they are stopped at', () => fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.boolean(), fc.nat(9), fc.nat(8), async (count, shuffled, seed, stop) => {
      const all = examples(count);
      const shape = { ...SHAPE, shuffled };
      const whole = exampleBatches(all, shape, { seed, epoch: 0, position: 0 });
      const batches = 1 + Math.ceil(2 * count / SHAPE.rows);
      const seen: number[] = [];
      let broken = exampleBatches(all, shape, { seed, epoch: 0, position: 0 });
      for (let i = 0; i < batches; i++) {
        if (i === stop % batches) broken = exampleBatches(all, shape, broken.position);
        const batch = await whole.next();
        expect(await broken.next()).toEqual(batch);
        seen.push(...batch.targets);
      }
      for (const epoch of [0, 1]) {
        const own = seen.slice(epoch * count, (epoch + 1) * count);
        expect(own.toSorted((a, b) => a - b)).toEqual(all.map((_, i) => i));
      }
    }),
  ));

  test('of the held-out part are filled up with rows that have no targets', () => fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), (count) => {
      const batches = [...batchesInOrder(examples(count), SHAPE, Infinity)];
      const targets = batches.flatMap((batch) => [...batch.targets]);
      expect(targets.filter((x) => x !== IGNORED_LABEL)).toEqual(examples(count).map((_, i) => i));
      expect(targets).toHaveLength(SHAPE.rows * Math.ceil(count / SHAPE.rows));
      const rest = batches.at(-1)?.ids.subarray((1 + (count - 1) % SHAPE.rows) * SHAPE.positions) ?? [];
      expect([...rest].every((id) => id === SHAPE.padding)).toBe(true);
    }),
  ));
});
