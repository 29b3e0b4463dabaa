import type { BenchReport, Result } from '../report.ts';

const COLUMNS = [
  'device', 'suite', 'case', 'weights', 'unit', 'clock', 'median', 'min', 'max', 'runs',
  'bytes', 'footprint', 'flops', 'dispatches', 'submits', 'limit', 'roof', 'percent',
] as const;

/** A line for each figure, with all digits; what is not known is empty (RFC 4180, but for the ends of lines). */
export function csvOf({ device, roofs, results }: BenchReport): string {
  const lines = [...roofs, ...results].map((r) => cellsOf(device.name, r).map(quoted).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}

function cellsOf(
  device: string, { suite, name, dtype, unit, clock, median, min, max, runs, work, roof }: Result,
): readonly (string | number | undefined)[] {
  return [
    device, suite, name, dtype, unit, clock, median, min, max, runs,
    work?.bytes, work?.footprint, work?.flops, work?.dispatches, work?.submits,
    roof?.limit, roof?.figure, roof?.percent,
  ];
}

const quoted = (cell: string | number | undefined): string => {
  const text = `${cell ?? ''}`;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
