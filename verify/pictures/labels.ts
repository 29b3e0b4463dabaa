/**
 * How long texts are and how they are written in a picture. Nothing here asks a font: a character counts as one or two
 * columns of a monospaced one.
 */

/** The widths of a character of a monospaced font and of a proportional one, as parts of the size of the font. */
export const MONOSPACED = 0.61;
export const PROPORTIONAL = 0.58;

const ELLIPSIS = '…';

/** East Asian characters and emoji, which take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{3fffd}]/u;

const columnsOf = (character: string): number => (WIDE.test(character) ? 2 : 1);

/** How many columns a text takes. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOf(character);
  return columns;
}

/**
 * A text as it can be read in a picture: in at most so many columns, with signs in place of line breaks, tabulators and
 * other controls (tokens have them), and of spaces at either end.
 */
export function legible(text: string, most: number): string {
  let [kept, columns] = ['', 0];
  for (const character of text) {
    columns += columnsOf(character);
    if (columns > most) return shortened(kept, most);
    kept += visible(character);
  }
  return kept.replace(/^ +| +$/g, (spaces) => '␣'.repeat(spaces.length));
}

function shortened(text: string, most: number): string {
  const characters = [...text];
  while (textColumns(characters.join('')) + 1 > most) characters.pop();
  return `${characters.join('')}${ELLIPSIS}`;
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\n') return '↵';
  if (character === '\t') return '⇥';
  // Unicode has a picture for each of the first controls, in their order.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code >= 0x7f && code < 0xa0 ? '\ufffd' : character;
}

/**
 * Every how many labels one is drawn so that they keep at least `room` from each other, given how far neighbours are
 * apart: 1, or a round number (2, 5, 10, 20, 50, …).
 */
export function labelStride(apart: number, room: number): number {
  for (let power = 1; ; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power * apart >= room) return digit * power;
  }
}
