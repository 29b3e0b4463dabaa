import type { Column } from '../../table.ts';
import type { BenchReport, Result } from '../report.ts';
import { showFigure, showPercent } from './numbers.ts';

/** What tables for people show of a figure. */
export const COLUMNS: readonly Column[] = [
  { title: 'suite' }, { title: 'case' }, { title: 'weights' }, { title: 'median', right: true },
  { title: 'min … max', right: true }, { title: 'unit' }, { title: 'runs', right: true },
  { title: 'roof', right: true }, { title: 'of it', right: true }, { title: 'limit' },
];

export const rowsOf = ({ roofs, results }: BenchReport): readonly (readonly string[])[] =>
  [...roofs, ...results].map(rowOf);

function rowOf({ suite, name, dtype, median, min, max, unit, runs, roof }: Result): readonly string[] {
  const spread = `${showFigure(min)} … ${showFigure(max)}`;
  const share = roof === undefined ? ['-', '-', '-'] : [showFigure(roof.figure), showPercent(roof.percent), roof.limit];
  return [suite, name, dtype, showFigure(median), spread, unit, `${runs}`, ...share];
}

/** Where and how it was measured. */
export function heading({ device, host, settings }: BenchReport): string {
  const { seconds, rounds, model, weights } = settings;
  const budget = `${seconds} s for each case${rounds === 1 ? '' : `, ${rounds} rounds`}`;
  return [
    device.name, `${host.processor}, ${host.cores} cores, load ${host.load.toFixed(1)}`, `Node ${host.node}`, budget,
    ...(model === undefined ? [] : [`${model} as ${weights}`]),
  ].join(' · ');
}

/** What the device cannot run, a line for each. */
export const leftOutLines = ({ leftOut }: BenchReport): readonly string[] =>
  leftOut.map(({ suite, name, dtype, reason }) => `left out: ${suite}: ${name}, ${dtype}: ${reason}`);
