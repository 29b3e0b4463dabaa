import { escaped } from '../../verify/pictures/svg.ts';
import { showBytes, showFlops } from '../table.ts';
import type { Arrow, Box, Drawing } from './drawing.ts';
import { showSeconds } from './seconds.ts';
import { shortNames } from './show.ts';

/* Sizes in pixels. */
const WIDTH = 224;
const HEIGHT = 78;
const GAP_X = 56;
const GAP_Y = 30;
const MARGIN = 24;
const TOP = 84;
/** That of the legend. */
const LEAST_WIDTH = 740;
/** Characters of a line of small text that fit a box. */
const LINE_CHARS = 38;

interface Style {
  /** The first word of a kernel's name. */
  readonly kind: string;
  readonly meaning: string;
  readonly fill: string;
  /** Where its entry in the legend begins. */
  readonly x: number;
}

/** Stands for a form that has no colour of its own. */
const OTHER: Omit<Style, 'x'> = { kind: 'other', meaning: 'other', fill: '#f1f5f9' };

const STYLES: readonly Style[] = [
  { kind: 'contract', meaning: 'contraction', fill: '#dbeafe', x: 0 },
  { kind: 'online', meaning: 'softmax-weighted contraction', fill: '#fde68a', x: 110 },
  { kind: 'rows', meaning: 'reduction along rows', fill: '#dcfce7', x: 315 },
  { kind: 'map', meaning: 'elementwise', fill: '#f3e8ff', x: 465 },
  { kind: 'scatter', meaning: 'rows added by index', fill: '#ffe4e6', x: 560 },
];

/** Words that end where they are placed. */
const END = 'text-anchor="end" font-weight="bold" fill="#334155"';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const FONT = 'font-family="Helvetica, Arial, DejaVu Sans, sans-serif"';

/** For a drawing that is a part of a page. */
export interface Within {
  /** Begins the names that the drawing gives to its own parts. */
  readonly id: string;
  /** Where the box of a kernel leads. */
  readonly link: (kernel: number) => string;
}

/** The word for a kernel's form, with which its name begins. */
export const kindOf = (name: string): string => styleOf(name).kind;

const styleOf = (name: string): Omit<Style, 'x'> => STYLES.find(({ kind }) => name.startsWith(`${kind}_`)) ?? OTHER;

/** The drawing as SVG text, with nothing outside it. Its parts have classes, by which a page changes their colours. */
export function drawSvg({ boxes, arrows, columns, rows }: Drawing, title: string, within?: Within): string {
  const tip = `${within?.id ?? ''}tip`;
  const width = Math.max(MARGIN * 2 + columns.length * (WIDTH + GAP_X) - GAP_X, LEAST_WIDTH);
  const height = TOP + rows * (HEIGHT + GAP_Y) - GAP_Y + MARGIN;
  return [
    `<svg xmlns="${NAMESPACE}" viewBox="0 0 ${width} ${height}" ${FONT} width="${width}" height="${height}">`,
    `<defs><marker id="${tip}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" markerHeight="9" ` +
      'markerUnits="userSpaceOnUse" orient="auto">' +
      '<path class="tip" d="M0,0 L8,4 L0,8 z" fill="#475569"/></marker></defs>',
    `<rect class="paper" width="${width}" height="${height}" fill="white"/>`,
    text(MARGIN, 26, 15, title, 'font-weight="bold"'),
    ...STYLES.flatMap(legendEntry),
    ...columns.map((name, c) => text(left(c) + WIDTH / 2, TOP - 10, 12, name, 'text-anchor="middle" fill="#475569"')),
    ...arrows.map((arrow) => drawArrow(arrow, tip)),
    ...boxes.map((box) => linked(drawBox(box), within?.link(box.index))),
    '</svg>',
    '',
  ].join('\n');
}

const left = (column: number): number => MARGIN + column * (WIDTH + GAP_X);
const top = (row: number): number => TOP + row * (HEIGHT + GAP_Y);

const linked = (box: string, address: string | undefined): string =>
  (address === undefined ? box : `<a href="${escaped(address)}">${box}</a>`);

const legendEntry = ({ kind, meaning, fill, x }: Style): readonly string[] => [
  `<rect class="fill-${kind}" x="${MARGIN + x}" y="38" width="12" height="12" rx="3" fill="${fill}" stroke="#64748b"/>`,
  text(MARGIN + x + 18, 48, 11, meaning, 'fill="#334155"'),
];

function drawBox({ kernel, index, column, row }: Box): string {
  const x = left(column);
  const y = top(row);
  const { kind, fill } = styleOf(kernel.name);
  const lines = [
    kernel.source,
    `${showBytes(kernel.bytesRead)} in · ${showBytes(kernel.bytesWritten)} out · ${showFlops(kernel.flops)}`,
    shortened(shortNames(kernel.reads).join(' ') || 'no weights'),
  ];
  return [
    `<g class="box" data-kernel="${index}"><title>${escaped(kernel.reads.join('\n') || kernel.name)}</title>`,
    `<rect class="fill-${kind}" x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="8" fill="${fill}" ` +
      'stroke="#64748b"/>',
    text(x + 10, y + 19, 12, `${index}  ${kernel.name}`, 'font-weight="bold"'),
    ...lines.map((line, i) => text(x + 10, y + 36 + i * 15, 10.5, line, 'fill="#334155"')),
    ...(kernel.time === null ? [] : [text(x + WIDTH - 10, y + 36, 10.5, showSeconds(kernel.time.median), END)]),
    '</g>',
  ].join('');
}

/** Straight down to the next row, around the right side over more rows, from side to side between columns. */
function drawArrow({ from, to }: Arrow, tip: string): string {
  const curve = (d: string): string =>
    `<path class="arrow" data-from="${from.index}" data-to="${to.index}" d="${d}" fill="none" stroke="#475569" ` +
    `stroke-width="1.3" marker-end="url(#${tip})"/>`;
  const start = { x: left(from.column) + WIDTH, y: top(from.row) + HEIGHT / 2 };
  if (from.column !== to.column) {
    const end = { x: left(to.column), y: top(to.row) + HEIGHT / 2 };
    const bend = GAP_X * 0.8;
    return curve(`M${start.x},${start.y} C${start.x + bend},${start.y} ${end.x - bend},${end.y} ${end.x},${end.y}`);
  }
  if (to.row === from.row + 1) {
    const x = left(from.column) + WIDTH / 2;
    return curve(`M${x},${top(from.row) + HEIGHT} L${x},${top(to.row)}`);
  }
  const end = { x: start.x, y: top(to.row) + HEIGHT / 3 };
  const bend = Math.min(GAP_X * 0.7, 12 + 7 * (to.row - from.row));
  return curve(`M${start.x},${start.y} C${start.x + bend},${start.y} ${end.x + bend},${end.y} ${end.x},${end.y}`);
}

const text = (x: number, y: number, size: number, words: string, more = ''): string =>
  `<text x="${x}" y="${y}" font-size="${size}" ${more}>${escaped(words)}</text>`;

const shortened = (line: string): string => (line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS - 1)}…` : line);
