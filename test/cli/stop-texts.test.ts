import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { StopTexts } from '../../cli/stop-texts.ts';

/** Few letters, so that stop texts overlap themselves and each other. */
const word = (options: { readonly minLength: number; readonly maxLength: number }): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('a', 'b'), ...options });

const pieces = fc.array(word({ minLength: 0, maxLength: 4 }), { maxLength: 12 });
const stops = fc.array(word({ minLength: 1, maxLength: 5 }), { maxLength: 3 });

function run(stopTexts: StopTexts, given: readonly string[]): { readonly shown: string; readonly stopped: boolean } {
  let shown = '';
  for (const piece of given) {
    const { text, stopped } = stopTexts.push(piece);
    shown += text;
    if (stopped) return { shown, stopped };
  }
  return { shown: shown + stopTexts.end(), stopped: false };
}

const before = (text: string, all: readonly string[]): number =>
  Math.min(...all.map((s) => text.indexOf(s)).filter((i) => i >= 0));

describe('stop texts', () => {
  test.prop([pieces, stops])(
    'show the text up to the first stop text in what has come, and all of it without one',
    (given, all) => {
      const { shown, stopped } = run(new StopTexts(all), given);
      // Reading stops with the piece that completes a stop text, though another that begins earlier may still go on.
      const read = given.map((_, i) => given.slice(0, i + 1).join('')).find((t) => before(t, all) !== Infinity);
      expect(stopped).toBe(read !== undefined);
      expect(shown).toBe(read === undefined ? given.join('') : read.slice(0, before(read, all)));
    },
  );

  test.prop([pieces, stops])('hold back only what could still become a stop text', (given, all) => {
    const stopTexts = new StopTexts(all);
    let read = '';
    let shown = '';
    for (const piece of given) {
      read += piece;
      const cut = stopTexts.push(piece);
      shown += cut.text;
      if (cut.stopped) return;
      const held = read.slice(shown.length);
      expect(held === '' || all.some((s) => s.startsWith(held))).toBe(true);
    }
  });
});
