import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { topological } from '../../dsl/graph.ts';
import { graphReplays, modelReplays } from './cases.ts';
import { keep } from './found.ts';
import { parseReplayFile, showReplayFile, type Replay } from './replay-file.ts';
import { search, type Failure, type Limits, type Task } from './search.ts';

let folder: string;

beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'ricci-deep-')); });
afterAll(() => rmSync(folder, { recursive: true }));

const LIMITS: Limits = { seed: 1, milliseconds: 60_000, failures: 2, batchMilliseconds: 30_000 };
const SILENT = { progress: () => undefined, failed: () => undefined };

const isFaulty = (r: Replay): boolean =>
  r.kind === 'graph' && topological(r.outputs).some((n) => n.kind === 'pad');

/** An input, its padding and the axis' new name; and one more, since shrinking ends where no single step helps. */
const FEW = 4;

/** A compiler that cannot pad. */
const faulty: Task = {
  name: 'graphs', cases: graphReplays('cpu'), batch: 20, wanted: 200,
  check: (r) => Promise.resolve(isFaulty(r) ? 'padding is wrong' : undefined),
};

const sound: Task = {
  name: 'models', cases: modelReplays, batch: 7, wanted: 20, check: () => Promise.resolve(undefined),
};

test('a fault is found, made small, written, and still there when it is read', async () => {
  const heard: Failure[] = [];
  const { failures } = await search([faulty, sound], LIMITS, { ...SILENT, failed: (f) => heard.push(f) });
  expect(heard).toEqual(failures);
  expect(failures.length).toBe(LIMITS.failures);
  for (const { message, replay } of failures) {
    expect(message).toBe('padding is wrong');
    const { about, replay: read } = parseReplayFile(readFileSync(keep(replay, message, folder), 'utf8'));
    expect(about).toBe(message);
    expect(isFaulty(read)).toBe(true);
    if (read.kind === 'graph') expect(topological(read.outputs).length).toBeLessThanOrEqual(FEW);
  }
});

test('what a check throws is a failure', async () => {
  const task: Task = { ...sound, check: () => Promise.reject(new Error('no such kernel')) };
  const { failures } = await search([task], LIMITS, SILENT);
  expect(failures.map((f) => f.message)).toEqual(['no such kernel', 'no such kernel']);
});

test('ends when all tasks have what they want, or when the time is up', async () => {
  const { counts, failures } = await search([sound, { ...sound, name: 'more', wanted: 9 }], LIMITS, SILENT);
  expect(counts.map((c) => [c.task, c.cases])).toEqual([['models', 20], ['more', 9]]);
  expect(failures).toEqual([]);
  const { counts: none } = await search([sound], { ...LIMITS, milliseconds: 0 }, SILENT);
  expect(none.map((c) => c.cases)).toEqual([0]);
});

test('the same seed tries the same cases, another seed others', async () => {
  const tried = async (seed: number): Promise<readonly string[]> => {
    const seen: string[] = [];
    const task: Task = { ...sound, check: (replay) => {
      seen.push(showReplayFile({ about: '', replay }));
      return Promise.resolve(undefined);
    } };
    await search([task], { ...LIMITS, seed }, SILENT);
    return seen;
  };
  const first = await tried(1);
  expect(await tried(1)).toEqual(first);
  const other = await tried(2);
  expect(first.filter((text) => other.includes(text))).toEqual([]);
});
