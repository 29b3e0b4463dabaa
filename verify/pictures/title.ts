import { legible, PROPORTIONAL, textColumns } from './labels.ts';
import { type Block, element, FONT } from './svg.ts';

/** A title longer than so many characters is cut. */
const LONGEST = 96;

/** The title of a picture with the space under it; nothing where there is none. */
export function titleOf(title: string | undefined): Block {
  if (title === undefined || title === '') return { width: 0, height: 0, content: [] };
  const text = legible(title, LONGEST);
  return {
    width: textColumns(text) * PROPORTIONAL * FONT.title,
    height: FONT.title + 14,
    content: [element('text', { y: FONT.title - 2, 'font-size': FONT.title, 'font-weight': 600 }, text)],
  };
}
