import { RicciError } from '../../dsl/errors.ts';
import type { Schedule, SlabHabits, VectorHabits } from '../loop/schedule.ts';

/** The least and the largest that a field may be: what code can be made for, whether it is good or not. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly of?: 'powers of two' | 'multiples of four' | 'less than four, or multiples of four';
}

type Counts<T> = { readonly [K in keyof T as T[K] extends number ? K : never]: Range };

const COUNTS: Counts<Schedule> = {
  lanes: { from: 1, to: 1024, of: 'powers of two' }, threads: { from: 1, to: 1024 }, tile: { from: 1, to: 16 },
  tileRows: { from: 1, to: 32 }, tileColumns: { from: 1, to: 16 },
  sharedFrom: { from: 1, to: 2 ** 31 }, sharedTotals: { from: 1, to: 64 }, busyCells: { from: 1, to: 2 ** 20 },
  onlineChunk: { from: 4, to: 4096, of: 'multiples of four' }, onlineParts: { from: 1, to: 64 },
};

const SLAB_COUNTS: Counts<SlabHabits> = {
  depth: { from: 0, to: 256, of: 'multiples of four' }, from: { from: 1, to: 2 ** 31 },
  rows: { from: 1, to: 256, of: 'powers of two' }, columns: { from: 1, to: 256, of: 'powers of two' },
  ownRows: { from: 1, to: 16, of: 'powers of two' }, ownColumns: { from: 1, to: 16, of: 'powers of two' },
};

const VECTOR_COUNTS: Counts<VectorHabits> = {
  totals: { from: 1, to: 64 }, rows: { from: 1, to: 32, of: 'less than four, or multiples of four' },
  streams: { from: 1, to: 64 }, inTurn: { from: 0, to: 2 ** 31 }, chains: { from: 1, to: 16 },
  chunk: { from: 1, to: 2 ** 20 }, panelFrom: { from: 1, to: 2 ** 31 },
};

/**
 * What a file says of a kernel's schedule.
 * @throws `compiler/schedule` with all that is wrong: a field that no schedule has, or one out of its range
 */
export function readSchedule(json: unknown): Partial<Schedule> {
  const problems: string[] = [];
  if (isSchedule(json, problems)) return json;
  throw new RicciError({
    code: 'compiler/schedule',
    message: `This is no schedule of a kernel: ${problems.join('; ')}.`,
    hint: 'Run `ricci tune` again, or delete the file.',
  });
}

/** Adds what is wrong to `problems`. */
function isSchedule(json: unknown, problems: string[]): json is Partial<Schedule> {
  for (const [name, value] of fieldsOf(json, 'it', problems)) {
    if (name === 'subgroups') {
      if (typeof value !== 'boolean') problems.push(`${name} is neither true nor false`);
    } else if (name === 'vectors' || name === 'slabs') {
      checkGroup(name, value, name === 'vectors' ? VECTOR_COUNTS : SLAB_COUNTS, problems);
    } else {
      checkCount(name, value, COUNTS, problems);
    }
  }
  return problems.length === 0;
}

/** The habits of vectors are given all together, and so are those of slabs. */
function checkGroup(group: string, json: unknown, counts: Readonly<Record<string, Range>>, problems: string[]): void {
  const fields = fieldsOf(json, group, problems);
  for (const [name, value] of fields) checkCount(name, value, counts, problems);
  const missing = Object.keys(counts).filter((name) => fields.every(([own]) => own !== name));
  if (missing.length > 0) problems.push(`${group} has no ${missing.join(', ')}`);
}

function fieldsOf(json: unknown, what: string, problems: string[]): readonly (readonly [string, unknown])[] {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return Object.entries(json);
  problems.push(`${what} is no object`);
  return [];
}

function checkCount(name: string, value: unknown, counts: Readonly<Record<string, Range>>, problems: string[]): void {
  const range = Object.hasOwn(counts, name) ? counts[name] : undefined;
  if (range === undefined) problems.push(`no schedule has a field ${JSON.stringify(name)}`);
  else if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < range.from || value > range.to) {
    problems.push(`${name} is ${JSON.stringify(value)}, not a whole number from ${range.from} to ${range.to}`);
  } else if (!isOf(value, range.of)) problems.push(`${name} is ${value}, which is none of ${range.of}`);
}

function isOf(value: number, which: Range['of']): boolean {
  switch (which) {
    case undefined: return true;
    case 'powers of two': return Number.isInteger(Math.log2(value));
    case 'multiples of four': return value % 4 === 0;
    case 'less than four, or multiples of four': return value < 4 || value % 4 === 0;
  }
}
