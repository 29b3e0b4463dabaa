import fc from 'fast-check';
import { expect, test } from 'vitest';
import { page, table, tag } from '../../../verify/html/html.ts';
import { runs } from '../../support/runs.ts';

test('no text becomes markup, wherever it stands', () => fc.assert(
  fc.property(fc.string(), (text) => {
    const empty = page('', '', tag('p', { title: '' }, ''), table([''], [['']]));
    const filled = page(text, '', tag('p', { title: text }, text), table([text], [[text]]));
    const markup = (html: string): number => html.match(/[<>"]/g)?.length ?? 0;
    expect(markup(filled)).toBe(markup(empty));
  }),
  runs(300),
));

test('text is still there, for who reads it', () => {
  expect(tag('p', {}, 'a < b & "c"', tag('b', {}, 'd')).html).toBe('<p>a &lt; b &amp; &quot;c&quot;<b>d</b></p>');
});
