import { showTable } from '../../table.ts';
import type { BenchReport } from '../report.ts';
import { COLUMNS, heading, leftOutLines, rowsOf } from './rows.ts';

/** A table for the screen. */
export function textOf(report: BenchReport): string {
  const parts = [heading(report), showTable(COLUMNS, rowsOf(report)), leftOutLines(report).join('\n')];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
