import { colourAt, html, sequentialScale, type Rgb } from 'ricci/verify';

const { table, tag } = html;

/** A table of numbers, the larger the darker. */
export interface HeatTable {
  /** What rows and columns are. */
  readonly corner: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly values: readonly (readonly number[])[];
  /** Whether equal ratios are equal steps of the colour. */
  readonly logarithmic?: boolean;
  readonly show: (value: number) => string;
}

export function heatTable({ corner, rows, columns, values, logarithmic = false, show }: HeatTable): html.Html {
  const place = (value: number): number => (logarithmic ? Math.log(value) : value);
  const all = values.flat().map(place).filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const scale = sequentialScale(low, high > low ? high : low + 1);
  const cell = (value: number): html.Html => {
    const colour = colourAt(scale, Math.max(low, place(value)));
    const style = `background:rgb(${colour.join(',')});color:${legibleOn(colour)}`;
    return tag('span', { class: 'heat', style }, show(value));
  };
  return table([corner, ...columns], rows.map((name, r) => [name, ...values[r].map(cell)]), 'heats');
}

/** Black or white, whichever has more contrast (WCAG 2.2). */
function legibleOn(colour: Rgb): string {
  const linear = (part: number): number => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = colour.map((part) => linear(part / 255));
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) ? '#000' : '#fff';
}
