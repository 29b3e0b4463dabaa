import type { Census } from './census.ts';
import { type ColourScale, cssColour, INFINITY_COLOUR, NAN_COLOUR, type Rgb } from './colours.ts';
import { MONOSPACED, textColumns } from './labels.ts';
import { matrixImage } from './matrix-image.ts';
import { shortNumber } from './numbers.ts';
import { type Block, element, FONT, INK, type Markup, placed } from './svg.ts';

const BAR = { width: 200, height: 12 };
const GAP = 24;
const NUMBERS = { 'font-family': FONT.mono, 'font-size': FONT.label, fill: INK.quiet };

/** The limits of a scale as a legend states them, with a sign at those that data lie beyond. */
export function shownLimits(scale: ColourScale, census: Census): readonly [low: string, high: string] {
  return [
    `${census.least < scale.low ? '≤ ' : ''}${shortNumber(scale.low)}`,
    `${census.greatest > scale.high ? '≥ ' : ''}${shortNumber(scale.high)}`,
  ];
}

/** Numbers at equal distances from a scale's low limit to its high one, both among them. */
export const stepsOf = (scale: ColourScale, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => scale.low * (1 - i / (count - 1)) + scale.high * (i / (count - 1)));

/** A bar of the colours of a scale over its limits, and beside it the colours of NaN and infinities where there are. */
export function legendOf(scale: ColourScale, census: Census): Block {
  const [low, high] = shownLimits(scale, census);
  const bar = { rows: 1, columns: BAR.width, values: stepsOf(scale, BAR.width) };
  const content: Markup[] = [
    ...matrixImage(bar, scale, BAR.width, BAR.height),
    under(0, 'start', low), under(BAR.width, 'end', high),
    ...(scale.kind === 'diverging' ? [under(BAR.width / 2, 'middle', '0')] : []),
  ];
  const absent = [
    ...(census.nans > 0 ? [swatch(NAN_COLOUR, `NaN (${census.nans})`)] : []),
    ...(census.infinities > 0 ? [swatch(INFINITY_COLOUR, `±∞ (${census.infinities})`)] : []),
  ];
  let width = BAR.width;
  for (const block of absent) {
    content.push(placed(block, width + GAP, 0));
    width += GAP + block.width;
  }
  return { width, height: BAR.height + 16, content };
}

const under = (x: number, anchor: string, text: string): Markup =>
  element('text', { x, y: BAR.height + 14, 'text-anchor': anchor, ...NUMBERS }, text);

function swatch(colour: Rgb, text: string): Block {
  const [side, x] = [BAR.height, BAR.height + 6];
  return {
    width: x + textColumns(text) * MONOSPACED * FONT.label,
    height: side,
    content: [
      element('rect', { width: side, height: side, fill: cssColour(colour) }),
      element('text', { x, y: side - 2, ...NUMBERS }, text),
    ],
  };
}
