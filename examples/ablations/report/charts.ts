import { curves, html, type Curve, type CurvesOptions } from 'ricci/verify';
import { validations, type RunResult } from '../results.ts';

const { picture, tag } = html;

/** What a picture tells of each run, by step. */
export type Series = (result: RunResult) => readonly (readonly [step: number, value: number | undefined])[];

/** A run with the name and the colour that it has in every picture of the page. */
export interface Drawn {
  readonly name: string;
  readonly style: number;
  readonly result: RunResult;
}

/** So large that two stand side by side on a desktop, and letters are still legible on a telephone. */
const SIZE = { width: 330, height: 210, legend: 'below' } as const;

/** One curve for each run that has such numbers; nothing where none has. */
export function chart(runs: readonly Drawn[], series: Series, options: CurvesOptions): readonly html.Html[] {
  const list = runs.flatMap(({ name, style, result }): readonly Curve[] => {
    const points = series(result).flatMap(([step, value]) => (value === undefined ? [] : [{ step, value }]));
    return points.length === 0 ? []
      : [{ name, style, x: points.map(({ step }) => step), y: points.map(({ value }) => value) }];
  });
  return list.length === 0 ? [] : [picture(curves(list, { ...SIZE, xTitle: 'updates', ...options }))];
}

/** Pictures side by side, two where there is room. */
export const side = (...pictures: readonly (readonly html.Html[])[]): html.Html =>
  tag('div', { class: 'side' }, ...pictures.flat());

/** Narrower pictures, three where there is room. */
export const thirds = (...pictures: readonly (readonly html.Html[])[]): html.Html =>
  tag('div', { class: 'side thirds' }, ...pictures.flat());

export const lossCharts = (runs: readonly Drawn[]): html.Html => side(
  chart(runs, ({ rows }) => rows.map((row) => [row.step, row['loss']]),
    { title: 'Training loss', yTitle: 'cross-entropy (nats)' }),
  chart(runs, (result) => validations(result).map(({ step, loss }) => [step, loss]),
    { title: 'Validation loss', yTitle: 'cross-entropy (nats)' }),
  chart(runs, ({ rows }) => rows.map((row) => [row.step, percent(row['accuracy'])]),
    { title: 'Training accuracy', yTitle: 'tokens guessed (%)', holds: [0] }),
  chart(runs, (result) => validations(result).map(({ step, accuracy }) => [step, percent(accuracy)]),
    { title: 'Validation accuracy', yTitle: 'tokens guessed (%)', holds: [0] }),
);

const percent = (part: number | undefined): number | undefined => (part === undefined ? undefined : 100 * part);
