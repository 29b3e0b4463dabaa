import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { RicciError } from '../../../../dsl/errors.ts';
import { attemptWrite } from './attempt-write.ts';

/** What is known after a step: its number, and others by their names. */
export type MetricRow = Readonly<{ step: number } & Record<string, number>>;

/** A file that grows by a row for each call. */
export interface RowLog<Row extends { readonly step: number }> {
  /**
   * The row is the operating system's when this returns, so that it survives the process. Steps never fall from row to
   * row.
   * @throws RicciError `log/write-failed`
   */
  write(row: Row): void;
  close(): void;
}

export type MetricLog = RowLog<MetricRow>;

/** How rows are lines. */
export interface LineFormat<Row> {
  /** The line before all rows, without its end; undefined where there is none. */
  readonly header: string | undefined;
  /** The step of a line; undefined where it is no row. */
  stepOf(line: string): number | undefined;
  show(row: Row): string;
}

/**
 * A log of lines. One that is there goes on: rows after `fromStep`, and a last line that a killed process left
 * unfinished, are dropped.
 * @param fromStep the last step that is kept; 0 for a training from the start
 * @throws RicciError `log/header` when a file with another header is there, `log/write-failed`
 */
export function lineLog<Row extends { readonly step: number }>(
  path: string, format: LineFormat<Row>, fromStep: number,
): RowLog<Row> {
  const file = attemptWrite(path, () => openSync(path, 'a+'));
  const append = (line: string): void => attemptWrite(path, () => writeFileSync(file, `${line}\n`));
  const text = attemptWrite(path, () => readFileSync(path, 'utf8'));
  const kept = keptLength(path, text, format, fromStep);
  attemptWrite(path, () => ftruncateSync(file, kept));
  if (kept === 0 && format.header !== undefined) append(format.header);
  return { write: (row) => append(format.show(row)), close: () => closeSync(file) };
}

/** Bytes of the whole lines up to a step, which are the first ones because steps rise. */
function keptLength(
  path: string, text: string, { header, stepOf }: Pick<LineFormat<never>, 'header' | 'stepOf'>, fromStep: number,
): number {
  const lines = text.split('\n').slice(0, -1);
  if (header !== undefined && lines.length > 0 && lines[0] !== header) throw otherHeader(path, lines[0]!, header);
  const first = header === undefined ? 0 : 1;
  const end = lines.findIndex((line, i) => i >= first && !((stepOf(line) ?? Infinity) <= fromStep));
  const kept = end < 0 ? lines : lines.slice(0, end);
  return kept.reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0);
}

const otherHeader = (path: string, found: string, header: string): RicciError =>
  new RicciError({
    code: 'log/header',
    message: `${path} begins with "${found}", and would go on with "${header}".`,
    hint: 'Rename the old file, so that a new one is begun.',
  });
