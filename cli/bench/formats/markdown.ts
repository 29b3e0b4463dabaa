import type { BenchReport } from '../report.ts';
import { COLUMNS, heading, leftOutLines, rowsOf } from './rows.ts';

/** The same table for a document. */
export function markdownOf(report: BenchReport): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = [
    line(COLUMNS.map((c) => c.title)),
    line(COLUMNS.map((c) => (c.right === true ? '---:' : '---'))),
    ...rowsOf(report).map(line),
  ];
  const notes = leftOutLines(report).map((text) => `- ${text}`);
  return `${[heading(report), table.join('\n'), notes.join('\n')].filter((part) => part !== '').join('\n\n')}\n`;
}
