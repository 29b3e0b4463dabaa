import { SourceMap } from 'node:module';
import { test as law } from '@fast-check/vitest';
import fc from 'fast-check';
import { expect } from 'vitest';
import { insert, insertionMap } from '../../dsl/scalar/build/insertions.ts';

const word = fc.stringMatching(/^[a-z0-9_]{1,6}$/);
const lines = fc.array(fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')), { maxLength: 6 });

law.prop([lines, fc.array(fc.tuple(fc.nat(120), word), { maxLength: 5 })])(
  'the map leads every word of the result to where it was, and insertions keep their order', (texts, wanted) => {
    const text = texts.join('\n');
    const sorted = wanted.toSorted(([a], [b]) => a - b);
    const insertions = sorted.map(([at, inserted]) => ({ at: Math.min(at, text.length), text: `<${inserted}>` }));
    const result = insert(text, insertions);
    expect(result.replace(/<[^>]*>/g, '')).toBe(text);
    expect(result.match(/<[^>]*>/g) ?? []).toEqual(insertions.map((insertion) => insertion.text));

    const map = new SourceMap({ ...insertionMap(text, 'a.ts', insertions), file: '', sourceRoot: '' });
    result.split('\n').forEach((line, index) => {
      const blank = line.replace(/<[^>]*>/g, (inserted) => ' '.repeat(inserted.length));
      const removed = (column: number): number => line.slice(0, column).match(/<[^>]*>/g)?.join('').length ?? 0;
      for (const { index: column } of blank.matchAll(/\w+/g)) {
        const entry = map.findEntry(index, column);
        const originalColumn = column - removed(column);
        expect(entry).toMatchObject({ originalLine: index, originalColumn, originalSource: 'a.ts' });
      }
    });
  },
);
