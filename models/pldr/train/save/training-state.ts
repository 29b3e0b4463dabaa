import { join } from 'node:path';
import { RicciError } from '../../../../dsl/errors.ts';
import { isJsonObject, readJsonFile, showJson } from '../../../../runtime/safetensors/json.ts';
import type { JsonObject } from '../../../../runtime/safetensors/json.ts';
import { problemsError } from '../../../../runtime/safetensors/problems.ts';
import type { DataPosition } from '../data/batches.ts';

export const STATE_FILE = 'training-state.json';
export const MOMENTS_FILE = 'training-state.safetensors';

/** What training needs to go on, besides weights and moments. */
export interface TrainingProgress {
  /** Updates that have been made. */
  readonly step: number;
  readonly data: DataPosition;
  /** State of other generators of random numbers, as words of 32 bits, by a name of the caller's. */
  readonly random: Readonly<Record<string, readonly number[]>>;
  /** The configuration of the run, as it was parsed. */
  readonly config: JsonObject;
}

/** A file of the checkpoint, as it was written. */
export interface WrittenFile {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** `training-state.json`: the file that is written last, and says what all others are. */
export interface TrainingState extends TrainingProgress {
  readonly version: 1;
  readonly files: Readonly<Record<string, WrittenFile>>;
}

/**
 * Reads the state in a checkpoint's folder; the files that it names are not looked at.
 * @throws RicciError `checkpoint/missing-file` (a model that is no checkpoint of a training), `checkpoint/unreadable`,
 * `checkpoint/not-json`, `checkpoint/version`, `checkpoint/state` with every problem
 */
export async function readTrainingState(folder: string): Promise<TrainingState> {
  const path = join(folder, STATE_FILE);
  const json = await readJsonFile(path, 'checkpoint');
  if (isJsonObject(json) && json['version'] !== 1) throw otherVersion(path, json['version']);
  const problems = stateProblems(json);
  if (problems.length === 0) return json as TrainingState & JsonObject;
  throw problemsError({
    code: 'checkpoint/state',
    subject: `${path} does not describe a training`,
    problems,
    hint: 'Go on from another checkpoint.',
  });
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

function stateProblems(json: unknown): readonly string[] {
  if (!isJsonObject(json)) return [`it is ${showJson(json)}, not a JSON object`];
  const { step, data, random, config, files } = json;
  const problems: string[] = [];
  const want = (fits: boolean, key: string, value: unknown, wanted: string): void => {
    if (!fits) problems.push(`${key} is ${showJson(value)}, expected ${wanted}`);
  };
  want(isCount(step), 'step', step, 'a number of updates');
  const numbers = isJsonObject(data) ? [data['seed'], data['epoch'], data['position']] : [undefined];
  want(numbers.every(isCount), 'data', data, 'seed, epoch and position');
  const streams = isJsonObject(random) ? Object.values(random) : [undefined];
  want(streams.every((words) => Array.isArray(words) && words.every(isCount)), 'random', random, 'lists of words');
  want(isJsonObject(config), 'config', config, 'an object');
  const written = isJsonObject(files) ? Object.values(files) : [undefined];
  want(written.every(isWrittenFile), 'files', files, 'bytes and sha256 of each file');
  return problems;
}

const isWrittenFile = (value: unknown): boolean =>
  isJsonObject(value) && isCount(value['bytes']) && /^[0-9a-f]{64}$/.test(String(value['sha256']));

const otherVersion = (path: string, version: unknown): RicciError =>
  new RicciError({
    code: 'checkpoint/version',
    message: `${path} has version ${showJson(version)}; this program reads version 1.`,
    hint: 'Go on with the program that wrote it, or start from its weights alone.',
  });
