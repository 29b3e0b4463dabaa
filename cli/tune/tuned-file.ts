import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Schedule, Schedules } from '../../compiler/loop/schedule.ts';
import { readSchedule } from '../../compiler/tune/schedule-json.ts';
import { digest } from '../../dsl/digest.ts';
import { RicciError } from '../../dsl/errors.ts';
import type { Device } from '../../runtime/device.ts';
import type { Io } from '../io.ts';
import { packageRoot } from '../package-root.ts';

/** What is known of one kernel of a device. */
export interface KernelRecord {
  /** Form and source line, for people. */
  readonly name: string;
  /** What it has of its own; nothing where the device's own schedule was the best. */
  readonly schedule: Partial<Schedule>;
  /** Seconds by the device's own schedule, and by this one. */
  readonly before: number;
  readonly after: number;
}

/** What was found on a device. */
export interface TunedRecords {
  /** Which sets of kernels were looked at: a digest of their keys for each model. */
  readonly models: readonly string[];
  /** Those that took some time, by key. */
  readonly kernels: Readonly<Record<string, KernelRecord>>;
}

const NOTHING: TunedRecords = { models: [], kernels: {} };

/** What tells devices apart for which schedules differ. */
type DeviceIdentity = Pick<Device, 'kind' | 'name' | 'hardware' | 'limits'>;

const FORMAT = 1;

const identityOf = ({ kind, name, hardware, limits }: DeviceIdentity): DeviceIdentity => ({ kind, name, hardware, limits });

/** The file of a device: what was found there, for all models. */
export const tunedFileOf = (folder: string, device: DeviceIdentity): string =>
  join(folder, `${device.kind}-${digest(JSON.stringify(identityOf(device)))}.json`);

export const writtenRecords = (device: DeviceIdentity, { models, kernels }: TunedRecords): string => {
  const { version } = packageRoot();
  return `${JSON.stringify({ format: FORMAT, version, device: identityOf(device), models, kernels }, null, 1)}\n`;
};

/** What tells models apart here: the kernels of their programs. */
export const kernelSet = (keys: ReadonlySet<string>): string => digest([...keys].sort().join());

/** @throws RicciError `tuned/…` that says what is wrong with the text */
export function readRecords(text: string, device: DeviceIdentity): TunedRecords {
  const file = fieldsOf(parsed(text), 'the file');
  if (file['format'] !== FORMAT) throw unusable(`its format is ${JSON.stringify(file['format'])}, not ${FORMAT}`);
  const { version } = packageRoot();
  if (file['version'] !== version) throw unusable(`Ricci ${JSON.stringify(file['version'])} made it, and this is ${version}`);
  if (JSON.stringify(file['device']) !== JSON.stringify(identityOf(device))) throw unusable('it is of another device');
  const { models } = file;
  if (!Array.isArray(models) || !models.every((m) => typeof m === 'string')) throw unusable('models is no list of digests');
  const kernels = Object.entries(fieldsOf(file['kernels'], 'kernels'));
  return {
    models,
    kernels: Object.fromEntries(kernels.map(([key, json]) => [key, readRecord(fieldsOf(json, `kernel ${key}`), key)])),
  };
}

function readRecord({ name, schedule, before, after }: Readonly<Record<string, unknown>>, key: string): KernelRecord {
  if (typeof name !== 'string') throw unusable(`kernel ${key} has no name`);
  if (!isSeconds(before) || !isSeconds(after)) throw unusable(`kernel ${key} has no times`);
  return { name, schedule: readSchedule(schedule), before, after };
}

const isSeconds = (x: unknown): x is number => typeof x === 'number' && x >= 0;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable('it is no JSON');
  }
}

function fieldsOf(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return Object.fromEntries(Object.entries(json));
  throw unusable(`${what} is no object`);
}

const unusable = (why: string): RicciError =>
  new RicciError({ code: 'tuned/unusable', message: `${why}.`, hint: 'Run `ricci tune` again, or delete the file.' });

/**
 * What was found for a device in earlier runs: nothing where there is no file. A file that cannot be used is told of once
 * on stderr, and the device's own schedules are used.
 */
export async function knownRecords(io: Pick<Io, 'stderr' | 'tuned'>, device: DeviceIdentity): Promise<TunedRecords> {
  if (io.tuned === undefined) return NOTHING;
  const { records, problem } = await recordsIn(io.tuned, device);
  if (problem !== undefined) io.stderr.write(`ricci: ${problem}\n`);
  return records;
}

async function recordsIn(
  folder: string, device: DeviceIdentity,
): Promise<{ readonly records: TunedRecords; readonly problem?: string }> {
  const file = tunedFileOf(folder, device);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return { records: NOTHING };
  try {
    return { records: readRecords(text, device) };
  } catch (thrown) {
    if (!(thrown instanceof RicciError)) throw thrown;
    return { records: NOTHING, problem: `${file} is ignored: ${thrown.message}` };
  }
}

/** Adds what was found to what is known of a device; a file that cannot be used is replaced. @returns the file */
export async function keepRecords(folder: string, device: DeviceIdentity, found: TunedRecords): Promise<string> {
  const file = tunedFileOf(folder, device);
  const { records: known } = await recordsIn(folder, device);
  const models = [...new Set([...known.models, ...found.models])].sort();
  const kernels = Object.entries({ ...known.kernels, ...found.kernels }).sort(([a], [b]) => (a < b ? -1 : 1));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, writtenRecords(device, { models, kernels: Object.fromEntries(kernels) }));
  await rename(`${file}.${process.pid}`, file);
  return file;
}

/** The schedules of those kernels that have one of their own; undefined where none has. */
export function schedulesIn({ kernels }: TunedRecords): Schedules | undefined {
  const own = Object.entries(kernels).flatMap(([key, { schedule }]) =>
    (Object.keys(schedule).length === 0 ? [] : [[key, schedule] as const]));
  return own.length === 0 ? undefined : Object.fromEntries(own);
}
