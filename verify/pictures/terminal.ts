import { RicciError } from '../../dsl/errors.ts';
import { type Census, censusOf } from './census.ts';
import { colourAt, type ColourScale, positionOn, type Rgb, scaleFor } from './colours.ts';
import { downSampled } from './down-sample.ts';
import { shownLimits, stepsOf } from './legend.ts';
import { checkMatrix, type Matrix } from './matrix.ts';

export interface TerminalOptions {
  /** Whether the terminal shows 24-bit colours; false if not given. */
  readonly colours?: boolean;
  /** The most characters in a line; 72 if not given, and at least 28, which a line with two limits takes. */
  readonly width?: number;
  /** The scale of the cells that are shown if not given. */
  readonly scale?: ColourScale;
}

/** Characters that a line with two limits takes. */
export const NARROWEST = 28;

/** Characters that cover more and more of their place; of a diverging scale, the middle one is for about zero. */
const RAMPS: Readonly<Record<ColourScale['kind'], string>> = { sequential: ' .:-=+*#%@', diverging: ' .:-=+*#@' };

/** What stands for NaN and for infinities. */
const NAN_MARK = '?';
const INFINITY_MARK = '!';

const UPPER_HALF = '▀';

/** How many steps of the scale its line shows at most. */
const STEPS = 24;

/**
 * A matrix [rows, columns] as text, averaged to the width if it is wider. With colours, a character shows two cells,
 * one above the other; without, two equal characters show one, denser for larger numbers. Both make cells about square.
 * Under it is a line with the scale, and one for NaN and for infinities where there are, with how many there are.
 * @throws RicciError `verify/picture` where the values do not fill the shape, or the width is below 28
 */
export function terminalPicture(matrix: Matrix, options: TerminalOptions = {}): string {
  const { colours = false, width = 72 } = options;
  checkMatrix(matrix);
  checkWidth(width);
  const cells = fitted(matrix, colours ? width : Math.floor(width / 2));
  const scale = options.scale ?? scaleFor(cells.values);
  return [
    ...cellLines(cells, scale, colours), ...legendLines(scale, [cells.values], [matrix.values], { colours, width }),
  ].join('\n');
}

/** A matrix of at most so many columns, averaged in its own shape if it has more. */
export function fitted(matrix: Matrix, most: number): Matrix {
  const columns = Math.min(matrix.columns, most);
  return downSampled(matrix, Math.max(1, Math.round((matrix.rows * columns) / matrix.columns)), columns);
}

/** The cells of a matrix, a line for two rows with colours, and for one row without. */
export const cellLines = (cells: Matrix, scale: ColourScale, colours: boolean): readonly string[] =>
  (colours ? colourLines(cells, scale) : inkLines(cells, scale));

/**
 * What stands under pictures: their scale, and how many NaN and infinities there are.
 * @param shown the cells that are seen; @param all the numbers that they stand for
 */
export function legendLines(
  scale: ColourScale, shown: readonly ArrayLike<number>[], all: readonly ArrayLike<number>[],
  { colours, width }: Required<Pick<TerminalOptions, 'colours' | 'width'>>,
): readonly string[] {
  const limits = shownLimits(scale, censusOf(shown));
  return [scaleLine(scale, limits, colours, width), ...absentLines(scale, censusOf(all), colours)];
}

const foreground = ([r, g, b]: Rgb): string => `\u001b[38;2;${r};${g};${b}m`;
const background = ([r, g, b]: Rgb): string => `\u001b[48;2;${r};${g};${b}m`;
const RESET = '\u001b[0m';

/** Two rows for each line; below the last of an odd number of rows, the terminal's own background stays. */
function colourLines({ rows, columns, values }: Matrix, scale: ColourScale): readonly string[] {
  return Array.from({ length: Math.ceil(rows / 2) }, (_, line) => {
    const [upper, lower] = [2 * line * columns, (2 * line + 1) * columns];
    const cells = Array.from({ length: columns }, (_cell, column) => {
      const below = 2 * line + 1 < rows ? background(colourAt(scale, values[lower + column])) : '';
      return `${foreground(colourAt(scale, values[upper + column]))}${below}${UPPER_HALF}`;
    });
    return cells.join('') + RESET;
  });
}

function inkLines({ rows, columns, values }: Matrix, scale: ColourScale): readonly string[] {
  const inkOf = (cell: number): string => inkAt(scale, values[cell]).repeat(2);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_cell, column) => inkOf(row * columns + column)).join(''));
}

function inkAt(scale: ColourScale, value: number): string {
  if (Number.isNaN(value)) return NAN_MARK;
  if (!Number.isFinite(value)) return INFINITY_MARK;
  const ramp = RAMPS[scale.kind];
  return ramp[Math.min(ramp.length - 1, Math.floor(positionOn(scale, value) * ramp.length))];
}

type Limits = readonly [low: string, high: string];

function scaleLine(scale: ColourScale, [low, high]: Limits, colours: boolean, width: number): string {
  const room = Math.min(width - low.length - high.length - 2, colours ? STEPS : RAMPS[scale.kind].length);
  const bar = stepsOf(scale, room).map((value) => sample(scale, value, colours)).join('');
  return `${low} ${bar}${colours ? RESET : ''} ${high}`;
}

function absentLines(scale: ColourScale, { nans, infinities }: Census, colours: boolean): readonly string[] {
  const line = (value: number, text: string): string =>
    `${sample(scale, value, colours)}${colours ? RESET : ''} ${text}`;
  return [
    ...(nans > 0 ? [line(NaN, `NaN (${nans})`)] : []),
    ...(infinities > 0 ? [line(Infinity, `±∞ (${infinities})`)] : []),
  ];
}

const sample = (scale: ColourScale, value: number, colours: boolean): string =>
  colours ? `${foreground(colourAt(scale, value))}█` : inkAt(scale, value);

/** @throws RicciError `verify/picture` where a line with two limits does not fit */
export function checkWidth(width: number): void {
  if (Number.isSafeInteger(width) && width >= NARROWEST) return;
  throw new RicciError({
    code: 'verify/picture',
    message: `A picture for a terminal cannot be ${width} characters wide.`,
    hint: `Give a whole number of at least ${NARROWEST}.`,
  });
}
