import { tag, type Html } from '../../../verify/html/html.ts';
import { showBytes, showFlops } from '../../table.ts';
import type { KernelReport, ProgramReport } from '../report.ts';
import { showSeconds } from '../seconds.ts';

/** What some kernels take together. */
export interface Totals {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly flops: number;
  /** Sum of medians; null where nothing was timed. */
  readonly seconds: number | null;
}

export function totalsOf(kernels: readonly KernelReport[]): Totals {
  const sum = (of: (k: KernelReport) => number): number => kernels.reduce((n, k) => n + of(k), 0);
  return {
    bytesRead: sum((k) => k.bytesRead),
    bytesWritten: sum((k) => k.bytesWritten),
    flops: sum((k) => k.flops),
    seconds: kernels.some((k) => k.time === null) ? null : sum((k) => k.time?.median ?? 0),
  };
}

/** What shares of a program are taken of: time, or where none was measured the bytes that move. */
export const weightOf = ({ seconds, bytesRead, bytesWritten }: Totals): number => seconds ?? bytesRead + bytesWritten;

/** Titles of the columns that `measures` fills. */
export const MEASURES = ['read', 'written', 'FLOP', 'time'] as const;

/** The columns of numbers of a row: bytes read and written, operations, and time with its share of the program's. */
export function measures(own: Totals, program: ProgramReport): readonly Html[] {
  const whole = weightOf(totalsOf(program.kernels));
  const share = whole === 0 ? 0 : (100 * weightOf(own)) / whole;
  const of = own.seconds === null ? 'bytes' : 'time';
  return [
    cell(showBytes(own.bytesRead)), cell(showBytes(own.bytesWritten)), cell(showFlops(own.flops)),
    tag('span', { class: 'cell time', title: `${share.toPrecision(3)} % of the program’s ${of}` },
      own.seconds === null ? '–' : showSeconds(own.seconds),
      tag('span', { class: 'bar' }, tag('span', { style: `width:${share.toFixed(2)}%` }))),
  ];
}

/** How fast a kernel is: bytes and operations a second. */
export function rates({ bytesRead, bytesWritten, flops, time }: KernelReport): string {
  if (time === null || time.median === 0) return '';
  const perSecond = (count: number): string => (count / time.median / 1e9).toPrecision(3);
  return `${perSecond(bytesRead + bytesWritten)} GB/s, ${perSecond(flops)} GFLOP/s`;
}

const cell = (text: string): Html => tag('span', { class: 'cell' }, text);
