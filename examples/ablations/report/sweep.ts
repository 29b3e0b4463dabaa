import { html } from 'ricci/verify';
import { bestOf, lastState, validations, type CellResult, type RunResult } from '../results.ts';
import { chart, side, type Drawn } from './charts.ts';
import { changeOfG } from './drift.ts';
import { heatTable } from './heat-table.ts';
import { loss, percent } from './numbers.ts';

const { quiet, section, tag } = html;

/** What learning rate and warm-up do to the loss and to G; nothing where no sweep was asked for. */
export function sweepSection(cells: readonly CellResult[]): readonly html.Html[] {
  if (cells.length === 0) return [];
  const [peaks, warmups] = [unique(cells.map((c) => c.peak)), unique(cells.map((c) => c.warmup))];
  const valuesOf = (of: (result: RunResult) => number): readonly (readonly number[])[] =>
    peaks.map((peak) => warmups.map((warmup) => {
      const found = cells.find((c) => c.peak === peak && c.warmup === warmup);
      return found === undefined ? NaN : of(found.result);
    }));
  const axes = {
    corner: 'highest rate ↓ warm-up →', rows: peaks.map((peak) => peak.toExponential()),
    columns: warmups.map((warmup) => `${warmup} updates`),
  };
  const runs = cells.map(({ peak, warmup, result }, style): Drawn =>
    ({ name: `rate ${peak.toExponential()}, warm-up ${warmup}`, style, result }));
  return [section(
    'Learning rate and warm-up',
    quiet('The learned variant, once for each pair. A low change of G between prompts is invariance: the operator ' +
      'has become a constant of the model.'),
    tag('div', { class: 'side' },
      tag('div', {}, tag('h3', {}, 'Lowest validation loss'),
        heatTable({ ...axes, values: valuesOf((result) => bestOf(result)?.loss ?? NaN), show: loss })),
      tag('div', {}, tag('h3', {}, 'Change of G between prompts, at the end'),
        heatTable({ ...axes, values: valuesOf((r) => changeOfG(lastState(r))), show: percent, logarithmic: true }))),
    side(
      chart(runs, (result) => validations(result).map((v) => [v.step, v.loss]),
        { title: 'Validation loss', yTitle: 'cross-entropy (nats)' }),
      chart(runs, ({ states }) => states.map((state) => [state.step, changeOfG(state)]),
        { title: 'Change of G between prompts', yTitle: 'relative change', logarithmic: true }),
    ),
  )];
}

const unique = (xs: readonly number[]): readonly number[] => [...new Set(xs)];
