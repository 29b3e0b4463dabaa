import { RicciError } from '../../dsl/errors.ts';
import { type Axis, linearAxis, logAxis, type Tick } from './axis.ts';
import { curveLines, curveStyle } from './curve-lines.ts';
import { labelStride, legible, MONOSPACED, PROPORTIONAL, textColumns } from './labels.ts';
import { type Block, element, FONT, hundredths, INK, MARGIN, type Markup, placed, svgDocument } from './svg.ts';
import { titleOf } from './title.ts';

/** A curve through points (x, y). Where either is not a number or infinite, the curve has a gap. */
export interface Curve {
  readonly name: string;
  readonly y: ArrayLike<number>;
  /** As many as there are y; 0, 1, 2, … if not given. */
  readonly x?: ArrayLike<number>;
  /** Which colour and dashes it has, so that it keeps them in other pictures; its place in the list if not given. */
  readonly style?: number;
}

export interface CurvesOptions {
  readonly title?: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** Whether equal ratios of y are equal distances; numbers that are not positive are gaps then. False if not given. */
  readonly logarithmic?: boolean;
  /** Numbers that the y axis is to hold, whatever the curves are; none if not given. */
  readonly holds?: readonly number[];
  /** The size of the plot itself in pixels, without titles and legend; 560 × 320 if not given. */
  readonly width?: number;
  readonly height?: number;
  /** Where the legend stands; `beside` the plot if not given. */
  readonly legend?: 'beside' | 'below';
}

interface Plot {
  readonly x: Axis;
  readonly y: Axis;
  readonly width: number;
  readonly height: number;
}

const TICK = 5;
const LEGEND = { gap: 24, line: 20, sample: 32, longest: 32 };
const NUMBERS = { 'font-family': FONT.mono, 'font-size': FONT.label, fill: INK.quiet };

/**
 * Curves over one x axis, such as singular values over their index or drift over steps, with axes, ticks at round
 * numbers and a legend. Colours and dashes both tell curves apart.
 * @returns a whole SVG document that needs nothing else
 * @throws RicciError `verify/picture` where there is no curve, a curve has not as many x as y, or the size is no size
 */
export function curves(list: readonly Curve[], options: CurvesOptions = {}): string {
  const { width = 560, height = 320, logarithmic = false } = options;
  checkCurves(list, width, height);
  const drawn = list.map((curve) => ({ ...curve, x: curve.x ?? Array.from(curve.y, (_, i) => i) }));
  const ys: readonly ArrayLike<number>[] = [...drawn.map(({ y }) => y), options.holds ?? []];
  const plot: Plot = {
    x: linearAxis(drawn.map(({ x }) => x), 'data'), y: logarithmic ? logAxis(ys) : linearAxis(ys, 'ticks'),
    width, height,
  };
  const lines = drawn.map((curve, i) => curveLines(curve, curve.style ?? i, plot));
  const names = list.map(({ name }) => name).join(', ');
  const description = `${list.length} curves${logarithmic ? ', logarithmic y axis' : ''}: ${names}.`;
  return svgDocument(layout(plot, lines, list, options), options.title ?? 'Curves', description);
}

function layout(plot: Plot, lines: readonly Markup[], list: readonly Curve[], options: CurvesOptions): Block {
  const title = titleOf(options.title);
  const numbers = widthOfLabels(plot.y) + TICK + 4;
  const left = MARGIN + numbers + (options.yTitle === undefined ? 0 : 22);
  const top = MARGIN + title.height;
  const foot = TICK + 16 + (options.xTitle === undefined ? 0 : 22);
  const content = [
    ...frame(plot), ...xAxis(plot), ...yAxis(plot), ...axisTitles(plot, numbers, options), ...lines,
  ];
  const legend = legendOf(list, options.legend === 'below' ? left - MARGIN + plot.width : 0);
  const [right, under] = options.legend === 'below'
    ? [MARGIN, top + plot.height + foot + LEGEND.gap / 2] : [left + plot.width + LEGEND.gap, top];
  return {
    width: Math.max(left + plot.width, right + legend.width, MARGIN + title.width) + MARGIN,
    height: Math.max(top + plot.height + foot, under + legend.height) + MARGIN,
    content: [
      placed(title, MARGIN, MARGIN), placed({ ...plot, content }, left, top), placed(legend, right, under),
    ],
  };
}

const widthOfLabels = ({ ticks }: Axis): number =>
  Math.max(...ticks.map(({ label }) => textColumns(label))) * MONOSPACED * FONT.label;

function frame({ width, height }: Plot): readonly Markup[] {
  return [element('path', { d: `M0 0V${height}H${width}`, fill: 'none', stroke: INK.line })];
}

/** The ticks whose labels have room on an axis of so many pixels. */
function roomy({ ticks }: Axis, length: number, room: number): readonly Tick[] {
  if (ticks.length < 2) return ticks;
  const stride = labelStride((ticks[1].at - ticks[0].at) * length, room);
  return ticks.filter((_, i) => i % stride === 0);
}

function xAxis({ x, width, height }: Plot): readonly Markup[] {
  return roomy(x, width, widthOfLabels(x) + FONT.label).flatMap(({ at, label }) => [
    element('path', { d: `M${hundredths(at * width)} ${height}v${TICK}`, stroke: INK.line }),
    element('text', { x: at * width, y: height + TICK + 12, 'text-anchor': 'middle', ...NUMBERS }, label),
  ]);
}

function yAxis({ y, width, height }: Plot): readonly Markup[] {
  return roomy(y, height, FONT.label + 3).flatMap(({ at, label }) => {
    const from = height - at * height;
    return [
      element('path', { d: `M0 ${hundredths(from)}H${width}`, stroke: INK.grid }),
      element('text', { x: -TICK, y: from + FONT.label * 0.35, 'text-anchor': 'end', ...NUMBERS }, label),
    ];
  });
}

function axisTitles({ width, height }: Plot, numbers: number, { xTitle, yTitle }: CurvesOptions): readonly Markup[] {
  const most = (room: number): number => Math.max(8, Math.floor(room / (PROPORTIONAL * FONT.size)));
  const below = xTitle === undefined ? [] : [
    element('text', { x: width / 2, y: height + TICK + 34, 'text-anchor': 'middle' }, legible(xTitle, most(width))),
  ];
  const upwards = `translate(${hundredths(-numbers - 8)} ${hundredths(height / 2)}) rotate(-90)`;
  const beside = yTitle === undefined ? [] : [
    element('text', { transform: upwards, 'text-anchor': 'middle' }, legible(yTitle, most(height))),
  ];
  return [...below, ...beside];
}

/** Entries side by side as far as so many pixels reach, else one under the other. */
function legendOf(list: readonly Curve[], room: number): Block {
  const names = list.map(({ name }) => legible(name, LEGEND.longest));
  const widest = Math.max(...names.map(textColumns)) * PROPORTIONAL * FONT.size;
  const entry = LEGEND.sample + 8 + widest;
  const columns = Math.max(1, Math.min(list.length, Math.floor((room + LEGEND.gap) / (entry + LEGEND.gap))));
  const content = names.flatMap((name, i) => {
    const x = (i % columns) * (entry + LEGEND.gap);
    const y = (Math.floor(i / columns) + 0.5) * LEGEND.line;
    return [
      element('path', {
        d: `M${hundredths(x)} ${y}h${LEGEND.sample}`, fill: 'none', ...curveStyle(list[i].style ?? i),
      }),
      element('text', { x: x + LEGEND.sample + 8, y: y + FONT.size * 0.35 }, name),
    ];
  });
  const rows = Math.ceil(list.length / columns);
  return { width: columns * (entry + LEGEND.gap) - LEGEND.gap, height: rows * LEGEND.line, content };
}

function checkCurves(list: readonly Curve[], width: number, height: number): void {
  const uneven = list
    .filter(({ x, y }) => x !== undefined && x.length !== y.length)
    .map(({ name, x, y }) => `The curve "${name}" has ${x?.length} x and ${y.length} y.`);
  const problems = [
    ...(list.length === 0 ? ['There is no curve to draw.'] : []),
    ...(width > 0 && height > 0 && width * height < Infinity ? [] : [`A plot cannot be ${width} × ${height} pixels.`]),
    ...uneven,
  ];
  if (problems.length === 0) return;
  throw new RicciError({
    code: 'verify/picture',
    message: problems.join(' '),
    hint: 'Give at least one curve, with one x for each y or no x at all, and a positive width and height.',
  });
}
