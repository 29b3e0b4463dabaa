import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../../models/pldr/checkpoint.ts';
import { checkedState, checkpointsIn, latestCheckpoint } from '../../../../models/pldr/train/save/find-checkpoints.ts';
import { removeLeftovers } from '../../../../models/pldr/train/save/prune-checkpoints.ts';
import { temporaryFolder } from '../../../weights/support.ts';

const folder = temporaryFolder();
const ROOT = resolve(import.meta.dirname, '../../../..');
const SCRIPT = resolve(import.meta.dirname, 'saving.ts');

/** Large enough that most of the time is spent in writing. */
const VOCABULARY = '20000';

function start(dir: string, from: number): ChildProcess {
  const program = ['--import', './scripts/tsx/register.mjs', SCRIPT];
  return spawn(process.execPath, [...program, dir, String(from), VOCABULARY], { cwd: ROOT });
}

/** The steps that a process says it has saved, until it ends; it is killed so long after it has said the first. */
async function killedAfter(child: ChildProcess, milliseconds: number): Promise<number> {
  let said = '';
  child.stdout!.on('data', (text: Buffer) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), milliseconds);
    said += text.toString();
  });
  await new Promise((done) => child.on('close', done));
  return Number(said.trim().split('\n').at(-1));
}

describe('a process that saves without end', () => {
  it('leaves a sound checkpoint that is at most one behind, whenever it is killed', async () => {
    const dir = await mkdtemp(join(folder, 'killed-'));
    let from = 1;
    for (const milliseconds of [0, 11, 23, 47, 90, 160]) {
      const said = await killedAfter(start(dir, from), milliseconds);
      const latest = await latestCheckpoint(dir);
      expect(latest!.step - said).toBeGreaterThanOrEqual(0);
      expect(latest!.step - said).toBeLessThanOrEqual(1);
      expect((await checkpointsIn(dir)).at(-1)).toEqual(latest);
      expect((await checkedState(latest!.path)).data.position).toBe(latest!.step * 16);
      expect((await openCheckpoint(latest!.path)).config.vocabSize).toBe(20_000);
      await removeLeftovers(dir);
      expect((await readdir(dir)).every((name) => /^step-\d{8}$/.test(name))).toBe(true);
      from = latest!.step + 1;
    }
  });

  it('keeps the checkpoint before where the system refuses to write more', async () => {
    const dir = await mkdtemp(join(folder, 'limited-'));
    await killedAfter(start(dir, 1), 0);
    const before = await latestCheckpoint(dir);
    // In blocks of 512 or 1024 bytes: the weights do not fit in.
    const command = `ulimit -f 500; exec "$0" --import ./scripts/tsx/register.mjs "$1" "$2" 100 ${VOCABULARY}`;
    const child = spawn('sh', ['-c', command, process.execPath, SCRIPT, dir], { cwd: ROOT });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const code = await new Promise((done) => child.on('close', done));
    expect(code).toBe(1);
    expect(errors).toContain('step-00000100 could not be saved: EFBIG');
    expect(await latestCheckpoint(dir)).toEqual(before);
  });
});
