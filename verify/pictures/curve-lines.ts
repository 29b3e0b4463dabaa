import type { Axis } from './axis.ts';
import { element, hundredths, type Markup } from './svg.ts';

/**
 * Colours of Okabe and Ito's palette ("Color Universal Design", 2008), which the colour-blind can tell apart; without
 * its yellow, which is hard to see on white.
 */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/** Lengths of strokes and gaps. Five patterns and seven colours make 35 pairs before one comes again. */
const DASHES = ['', '7 3', '2 2.5', '9 3 2 3', '14 4'];

/** So few points are marked each, since a curve between them is a guess. */
const FEW = 40;

/** The stroke of the i-th curve. */
export function curveStyle(i: number): Readonly<Record<string, string | number | undefined>> {
  const dash = DASHES[i % DASHES.length];
  return {
    stroke: COLOURS[i % COLOURS.length], 'stroke-width': 1.75, 'stroke-linejoin': 'round',
    'stroke-dasharray': dash === '' ? undefined : dash,
  };
}

interface Points {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

interface Area {
  readonly x: Axis;
  readonly y: Axis;
  readonly width: number;
  readonly height: number;
}

type Point = readonly [x: number, y: number];

/** The i-th curve in a plot whose upper left corner is the origin: a line for each run of points without a gap. */
export function curveLines(points: Points, i: number, area: Area): Markup {
  const found = runs(points, area);
  const style = curveStyle(i);
  const lines = found.filter((run) => run.length > 1).map((run) =>
    element('polyline', { points: run.map(([x, y]) => `${x},${y}`).join(' '), fill: 'none', ...style }));
  // A point between two gaps has no line that would show it.
  const marked = points.y.length <= FEW ? found.flat() : found.filter((run) => run.length === 1).flat();
  const marks = marked.map(([cx, cy]) => element('circle', { cx, cy, r: 2.25, fill: style.stroke }));
  return element('g', {}, element('title', {}, points.name), ...lines, ...marks);
}

function runs({ x, y }: Points, area: Area): readonly (readonly Point[])[] {
  const found: Point[][] = [];
  let open: Point[] | undefined;
  for (let i = 0; i < y.length; i++) {
    const [right, up] = [area.x.place(x[i]), area.y.place(y[i])];
    if (right === undefined || up === undefined) {
      open = undefined;
      continue;
    }
    if (open === undefined) found.push(open = []);
    open.push([hundredths(right * area.width), hundredths((1 - up) * area.height)]);
  }
  return found;
}
