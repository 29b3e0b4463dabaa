import { labelStride, legible, MONOSPACED, textColumns } from './labels.ts';
import { element, FONT, hundredths, INK, type Markup } from './svg.ts';

/** Labels along one side of a matrix whose upper left corner is the origin. */
export interface CellLabels {
  /** How far they reach away from the matrix. */
  readonly reach: number;
  /** How far they reach beyond its far end. */
  readonly overhang: number;
  readonly content: readonly Markup[];
}

/** Space between the matrix and its labels, and the height of a line of them. */
const GAP = 6;
const LINE = FONT.label + 2;

/** Numbers need not stand as close as labels do: those between can be guessed. */
const NUMBERS = 2 * LINE;

/** Labels of tokens lean, so that neighbours keep apart and yet are read without turning one's head. */
const LEAN = 60;

/** A token longer than so many characters is cut; the whole of it rarely matters. */
const LONGEST = 18;

const STYLE = { 'font-family': FONT.mono, 'font-size': FONT.label, fill: INK.text };

interface Label {
  readonly text: string;
  readonly index: number;
}

/** The labels that there is room for; numbers from 0 on where none are given. */
function chosen(labels: readonly string[] | undefined, size: number, apart: number, room: number): readonly Label[] {
  const stride = labelStride(apart, room);
  return Array.from({ length: Math.ceil(size / stride) }, (_, i) => {
    const index = i * stride;
    return { index, text: legible(labels?.[index] ?? String(index), LONGEST) };
  });
}

const widest = (labels: readonly Label[]): number =>
  labels.reduce((most, { text }) => Math.max(most, textColumns(text)), 0) * MONOSPACED * FONT.label;

/** Labels to the left of rows that are `cell` pixels high. */
export function rowLabels(labels: readonly string[] | undefined, rows: number, cell: number): CellLabels {
  const drawn = chosen(labels, rows, cell, labels === undefined ? NUMBERS : LINE);
  const content = drawn.map(({ text, index }) =>
    element('text', { x: -GAP, y: (index + 0.5) * cell + FONT.label * 0.35, 'text-anchor': 'end', ...STYLE }, text));
  return { reach: GAP + widest(drawn), overhang: 0, content };
}

/** Labels above columns that are `cell` pixels wide: texts lean, numbers stand upright. */
export function columnLabels(labels: readonly string[] | undefined, columns: number, cell: number): CellLabels {
  return labels === undefined ? columnNumbers(columns, cell) : columnTexts(labels, columns, cell);
}

function columnTexts(labels: readonly string[], columns: number, cell: number): CellLabels {
  const drawn = chosen(labels, columns, cell, LINE);
  const angle = (LEAN / 180) * Math.PI;
  const content = drawn.map(({ text, index }) => {
    // The middle of the letters, rather than their foot, starts over the middle of the column.
    const x = (index + 0.5) * cell + FONT.label * 0.35 * Math.sin(angle);
    return element('text', { transform: `translate(${hundredths(x)} ${-GAP}) rotate(${-LEAN})`, ...STYLE }, text);
  });
  const length = widest(drawn);
  return { reach: GAP + length * Math.sin(angle) + LINE / 2, overhang: length * Math.cos(angle) + LINE, content };
}

function columnNumbers(columns: number, cell: number): CellLabels {
  const room = (String(columns - 1).length + 1) * MONOSPACED * FONT.label;
  const content = chosen(undefined, columns, cell, room).map(({ text, index }) =>
    element('text', { x: (index + 0.5) * cell, y: -GAP, 'text-anchor': 'middle', ...STYLE }, text));
  return { reach: GAP + FONT.label, overhang: room, content };
}
