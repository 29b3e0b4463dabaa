import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draft, type ProgramSource } from '../../compiler/draft.ts';
import { CPU_TARGET, type Target } from '../../compiler/target.ts';
import { profileBy } from '../../compiler/loop/schedule.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { runs } from '../support/runs.ts';
import { keysOfModel } from './kind-keys-of-model.ts';
import { again, kindKeys, named } from './kind-keys.ts';

const anyGraph = fc.oneof(graphs, fusible);

describe('a kernel has the key', () => {
  test('of what it computes, whatever inputs and weights it reads', () => fc.assert(
    fc.property(anyGraph, ({ outputs }) => {
      expect(kindKeys(again(outputs))).toEqual(kindKeys(outputs));
    }),
    runs(100),
  ));

  test('that it has in another process', async () => {
    const here = await keysOfModel();
    const folder = fileURLToPath(new URL('../..', import.meta.url));
    const script = join(folder, 'test', 'compiler', 'kind-keys-of-model.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import', join(folder, 'scripts', 'tsx', 'register.mjs'), script, '--print',
    ]);
    expect(JSON.parse(stdout)).toEqual(here);
    expect(here.length).toBeGreaterThan(new Set(here).size);
  });
});

/** A schedule that blocks most kernels otherwise. */
const OWN = { onlineChunk: 4, vectors: { totals: 4, rows: 2, streams: 3, inTurn: 0, chains: 2, chunk: 2, panelFrom: 1 } };

/** Those of the graph as `kindKeys` sees it: no weight is made of others when they are loaded. */
const nestsOf = (source: ProgramSource, target: Target) => draft(source, target).kernels.map((k) => k.nests);

describe('a schedule', () => {
  test('of every kernel is the schedule of the device', () => fc.assert(
    fc.property(anyGraph, ({ outputs }) => {
      const schedules = Object.fromEntries(kindKeys(outputs).map((key) => [key, OWN]));
      const all: Target = { ...CPU_TARGET, profile: profileBy(CPU_TARGET.profile, OWN) };
      const source = { name: 'test', outputs: named(outputs) };
      expect(nestsOf(source, { ...CPU_TARGET, schedules })).toEqual(nestsOf(source, all));
    }),
    runs(60),
  ));

  test('of one kernel leaves the others as they are', () => fc.assert(
    fc.property(anyGraph, fc.nat(), ({ outputs }, pick) => {
      const keys = kindKeys(outputs);
      const chosen = keys[pick % keys.length];
      const source = { name: 'test', outputs: named(outputs) };
      const plain = draft(source, CPU_TARGET);
      const own = draft(source, { ...CPU_TARGET, schedules: { [chosen]: OWN } });
      own.kernels.forEach((k, i) => {
        if (k.computations.every((c) => c.kind.root.key !== chosen)) expect(k.nests).toEqual(plain.kernels[i].nests);
      });
    }),
    runs(60),
  ));
});
