import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOCK_FILE, lockFolder } from '../../../../models/pldr/train/save/lock.ts';
import { isRunning, processStart } from '../../../../models/pldr/train/save/process-start.ts';
import { errorOf, temporaryFolder } from '../../../weights/support.ts';

const folder = temporaryFolder();
const fresh = (): Promise<string> => mkdtemp(join(folder, 'run-'));
const leave = (dir: string, holder: unknown): Promise<void> =>
  writeFile(join(dir, LOCK_FILE), typeof holder === 'string' ? holder : JSON.stringify(holder));

/** The number of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((done) => child.on('close', done));
  return child.pid!;
}

describe('the lock of a folder', () => {
  it('is held by one at a time, and names the process that holds it', async () => {
    const dir = join(await fresh(), 'new');
    const lock = await lockFolder(dir);
    const error = await errorOf(() => lockFolder(dir));
    expect(error.code).toBe('train/locked');
    expect(error.message).toContain(`Process ${process.pid} trains in ${dir} already.`);
    await lock.release();
    const next = await lockFolder(dir);
    // Given back before: it is another's by now.
    await lock.release();
    expect((await errorOf(() => lockFolder(dir))).code).toBe('train/locked');
    await next.release();
    expect(await readdir(dir)).toEqual([]);
  });

  it('of a dead process, or of one whose number another has now, or that is half written, is taken over', async () => {
    const dead = { pid: await deadProcess(), started: '1', host: hostname() };
    const reused = { pid: process.pid, started: '1', host: hostname() };
    const known = (await processStart(process.pid)) !== undefined;
    for (const stale of [dead, ...(known ? [reused] : []), '{"pid":', '']) {
      const dir = await fresh();
      await leave(dir, stale);
      const lock = await lockFolder(dir);
      expect(JSON.parse(await readFile(join(dir, LOCK_FILE), 'utf8'))).toMatchObject({ pid: process.pid });
      await lock.release();
      expect(await readdir(dir)).toEqual([]);
    }
  });

  it('of another machine cannot be judged, and holds', async () => {
    const dir = await fresh();
    await leave(dir, { pid: 1, started: '1', host: `${hostname()}-other` });
    const error = await errorOf(() => lockFolder(dir));
    expect(error.message).toContain(`Process 1 on ${hostname()}-other trains in`);
    expect(error.message).toContain(`delete ${join(dir, LOCK_FILE)}`);
  });

  it('goes to exactly one of many that want it at once, also where a stale one is in the way', async () => {
    for (let round = 0; round < 60; round++) {
      const dir = await fresh();
      if (round % 2 === 0) await leave(dir, { pid: 2 ** 22 + 1, started: '1', host: hostname() });
      const wanted = await Promise.allSettled(Array.from({ length: 40 }, () => lockFolder(dir)));
      expect(wanted.filter(({ status }) => status === 'fulfilled').length).toBe(1);
      expect(await readdir(dir)).toEqual([LOCK_FILE]);
    }
  });
});

describe('a process that died while it took a folder over', () => {
  it('is named, and what to delete', async () => {
    const dir = await fresh();
    const dead = JSON.stringify({ pid: await deadProcess(), started: '1', host: hostname() });
    await leave(dir, dead);
    const right = join(dir, `${LOCK_FILE}.${createHash('sha256').update(dead).digest('hex').slice(0, 16)}.taken`);
    await writeFile(right, dead);
    const error = await errorOf(() => lockFolder(dir));
    expect(error.code).toBe('train/locked');
    expect(error.message).toContain(`Delete ${right}.`);
  });
});

describe('processes', () => {
  it('run or do not, and start once', async () => {
    expect(isRunning(process.pid)).toBe(true);
    expect(isRunning(await deadProcess())).toBe(false);
    expect(await processStart(process.pid)).toEqual(await processStart(process.pid));
    expect(await processStart(await deadProcess())).toBeUndefined();
  });
});
