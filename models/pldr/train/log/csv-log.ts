import { lineLog } from './metric-log.ts';
import type { MetricLog, MetricRow } from './metric-log.ts';

/**
 * A table of comma-separated values: `step`, then the given columns. A row without a column's value leaves it empty;
 * `nan`, `inf` and `-inf` are as most programs read them.
 * @param fromStep the last step that is kept of a file that is there; 0 for a training from the start
 * @throws RicciError `log/header` when a file with other columns is there, `log/write-failed`
 */
export const csvLog = (path: string, columns: readonly string[], fromStep: number): MetricLog =>
  lineLog<MetricRow>(
    path,
    {
      header: ['step', ...columns].join(','),
      stepOf: (line) => stepIn(line.split(',', 1)[0]!),
      show: (row) => [row.step, ...columns.map((column) => row[column])].map(showNumber).join(','),
    },
    fromStep,
  );

const stepIn = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);

function showNumber(value: number | undefined): string {
  if (value === undefined) return '';
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}
