import { DEFAULT_SCHEDULE, type Schedule } from '../../compiler/loop/schedule.ts';
import { showTable } from '../table.ts';
import type { ShowPlace } from '../inspect/source-place.ts';
import type { Discarded, Tuned } from './tune.ts';

const COLUMNS = [
  { title: 'kernel' }, { title: 'source' }, { title: 'program' }, { title: 'default µs', right: true },
  { title: 'best µs', right: true }, { title: 'schedule' },
];

/** What was found: the kernels that take longest first, and then whether it helps the whole. */
export function showTuned({ kernels, programs, discarded }: Tuned, showPlace: ShowPlace): string {
  const rows = [...kernels].sort((a, b) => b.before - a.before).map((k) => [
    k.name, showPlace(k.place), k.programs.join(', '), micros(k.before), micros(k.after), showSchedule(k.schedule),
  ]);
  const wholes = programs.map(({ name, before, after, kept }) =>
    `${name}: ${millis(before)} by the device's own schedules, ${millis(after)} by what was found${kept ? '' : '; nothing kept'}`);
  return [showTable(COLUMNS, rows), '', ...wholes, ...discarded.map(showDiscarded)].join('\n');
}

/** The fields that are not as they usually are. */
export function showSchedule({ vectors, ...own }: Partial<Schedule>): string {
  const usual: Readonly<Record<string, unknown>> = { ...DEFAULT_SCHEDULE.vectors };
  const changed = Object.entries(vectors ?? {}).filter(([name, value]) => value !== usual[name]);
  const all = [...Object.entries(own), ...changed];
  return all.length === 0 ? "the device's own" : all.map(([name, value]) => `${name} ${String(value)}`).join(', ');
}

export const showDiscarded = ({ kernel, schedule, problem }: Discarded): string =>
  `discarded for ${kernel}: ${showSchedule(schedule)}: ${problem}`;

const micros = (seconds: number): string => (1e6 * seconds).toFixed(seconds < 1e-5 ? 1 : 0);

const millis = (seconds: number): string => `${(1000 * seconds).toPrecision(3)} ms`;
