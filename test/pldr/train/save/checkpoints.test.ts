import { mkdir, mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../../models/pldr/checkpoint.ts';
import { checkpointName } from '../../../../models/pldr/train/save/checkpoint-name.ts';
import { disk } from '../../../../models/pldr/train/save/disk.ts';
import type { Disk } from '../../../../models/pldr/train/save/disk.ts';
import { checkedState, checkpointsIn, latestCheckpoint } from '../../../../models/pldr/train/save/find-checkpoints.ts';
import { discardAfter, keepLast, removeLeftovers } from '../../../../models/pldr/train/save/prune-checkpoints.ts';
import { saveCheckpoint } from '../../../../models/pldr/train/save/save-checkpoint.ts';
import { MOMENTS_FILE } from '../../../../models/pldr/train/save/training-state.ts';
import { openSafetensors, readFloats } from '../../../../runtime/safetensors/index.ts';
import { errorOf, temporaryFolder } from '../../../weights/support.ts';
import { contentsAt, COPIED, TINY } from './contents.ts';

const folder = temporaryFolder();
const fresh = (): Promise<string> => mkdtemp(join(folder, 'run-'));
const stepsIn = async (dir: string): Promise<readonly number[]> => (await checkpointsIn(dir)).map(({ step }) => step);
const leftovers = async (dir: string): Promise<readonly string[]> =>
  (await readdir(dir)).filter((name) => name.endsWith('.tmp'));

/** Calls of the disk in the order in which they are made; nothing is flushed, which no test could see. */
function countingDisk(before: (bytes: number) => void): Disk {
  return {
    makeFolder: async (path) => (before(0), disk.makeFolder(path)),
    flushFolder: async () => before(0),
    rename: async (from, to) => (before(0), disk.rename(from, to)),
    remove: async (path) => (before(0), disk.remove(path)),
    create: async (path) => {
      before(0);
      const file = await disk.create(path);
      return {
        write: async (bytes) => (before(bytes.length), file.write(bytes)),
        flush: async () => before(0),
        close: file.close,
      };
    },
  };
}

/** A process that is killed at its call number `at`: nothing happens from there on, and nothing is tidied up. */
function killedAt(at: number): Disk {
  let calls = 0;
  return countingDisk(() => {
    if (calls++ >= at) throw new Error('killed');
  });
}

/** A disk with room for so many more bytes. */
function fullAfter(room: number): Disk {
  let left = room;
  return countingDisk((bytes) => {
    if (bytes > left) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    left -= bytes;
  });
}

async function totals(): Promise<{ readonly calls: number; readonly bytes: number }> {
  let calls = 0;
  let total = 0;
  const counted = countingDisk((bytes) => {
    calls++;
    total += bytes;
  });
  await saveCheckpoint(await fresh(), contentsAt(2), counted);
  return { calls, bytes: total };
}

describe('a checkpoint', () => {
  it('is a model in the layout of Hugging Face, with the moments and where training is', async () => {
    const path = await saveCheckpoint(await fresh(), contentsAt(12));
    expect(basename(path)).toBe('step-00000012');
    const opened = await openCheckpoint(path);
    expect(opened.config).toEqual(TINY);
    expect(await readFile(join(path, 'tokenizer_config.json'))).toEqual(await readFile(COPIED));
    const { tensors } = await openSafetensors(join(path, MOMENTS_FILE));
    expect(tensors.size).toBe(6);
    const name = 'final_layer.weight';
    const read = new Float32Array(320);
    await readFloats(opened.tensors.get(name)!, 0, read);
    const made = contentsAt(12).weights.find((tensor) => tensor.name === name)!;
    const bytes: Uint8Array[] = [];
    for await (const chunk of made.chunks()) bytes.push(chunk.slice());
    expect(Buffer.from(read.buffer)).toEqual(Buffer.concat(bytes));
    const state = await checkedState(path);
    expect(state).toMatchObject(contentsAt(12).progress);
    expect(Object.keys(state.files)).toEqual(
      ['model.safetensors', MOMENTS_FILE, 'config.json', 'tokenizer_config.json'],
    );
  });

  it('of a step that is there is left as it is, and replaced where it is damaged', async () => {
    const dir = await fresh();
    const path = await saveCheckpoint(dir, contentsAt(3));
    const before = await readFile(join(path, 'model.safetensors'));
    expect(await saveCheckpoint(dir, contentsAt(3))).toBe(path);
    await writeFile(join(path, 'model.safetensors'), Buffer.alloc(before.length));
    expect(await stepsIn(dir)).toEqual([3]);
    expect(await latestCheckpoint(dir)).toBeUndefined();
    expect((await errorOf(() => checkedState(path))).message).toContain(`model.safetensors in ${path} is not as`);
    await saveCheckpoint(dir, contentsAt(3));
    expect(await readFile(join(path, 'model.safetensors'))).toEqual(before);
  });
});

describe('whatever goes wrong', () => {
  it('a process killed before any call of the disk leaves the checkpoint before, or the new one, whole', async () => {
    const { calls } = await totals();
    expect(calls).toBeGreaterThan(30);
    const dir = await fresh();
    await saveCheckpoint(dir, contentsAt(1));
    for (let at = 0; at < calls; at++) {
      await saveCheckpoint(dir, contentsAt(2), killedAt(at)).catch(() => undefined);
      const latest = await latestCheckpoint(dir);
      expect(latest?.step).toBe(at === calls - 1 ? 2 : 1);
      expect((await checkedState(latest!.path)).step).toBe(latest!.step);
      await removeLeftovers(dir);
      expect(await leftovers(dir)).toEqual([]);
    }
    await saveCheckpoint(dir, contentsAt(3));
    expect(await stepsIn(dir)).toEqual([1, 2, 3]);
  });

  it('a disk that is full after any number of bytes leaves what was there, and nothing else', async () => {
    const { bytes } = await totals();
    const dir = await fresh();
    const before = await saveCheckpoint(dir, contentsAt(1));
    const kept = await readFile(join(before, 'model.safetensors'));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes - 1), async (room) => {
        const error = await errorOf(() => saveCheckpoint(dir, contentsAt(2), fullAfter(room)));
        expect(error.code).toBe('checkpoint/save-failed');
        expect(error.message).toContain('no space left on device');
        expect(await readdir(dir)).toEqual([checkpointName(1)]);
      }),
      { numRuns: 60, examples: [[0], [1], [bytes - 1]] },
    );
    expect(await readFile(join(before, 'model.safetensors'))).toEqual(kept);
    await saveCheckpoint(dir, contentsAt(2), fullAfter(bytes));
    expect(await stepsIn(dir)).toEqual([1, 2]);
  });

  it('a process killed while old checkpoints are removed leaves the kept ones whole', async () => {
    for (let at = 0; at < 6; at++) {
      const dir = await fresh();
      for (const step of [1, 2, 3, 4]) await saveCheckpoint(dir, contentsAt(step));
      await keepLast(dir, 2, killedAt(at)).catch(() => undefined);
      expect((await stepsIn(dir)).slice(-2)).toEqual([3, 4]);
      await keepLast(dir, 2);
      await removeLeftovers(dir);
      expect((await readdir(dir)).sort()).toEqual([checkpointName(3), checkpointName(4)]);
    }
  });
});

describe('finding', () => {
  it('sees whole checkpoints only, by their steps', async () => {
    const dir = await fresh();
    expect(await latestCheckpoint(join(dir, 'none'))).toBeUndefined();
    for (const step of [100_000_000, 9, 10]) await saveCheckpoint(dir, contentsAt(step));
    await mkdir(join(dir, 'step-99999999'));
    await mkdir(join(dir, 'other'));
    const cut = await saveCheckpoint(dir, contentsAt(11));
    await truncate(join(cut, MOMENTS_FILE), 100);
    expect(await stepsIn(dir)).toEqual([9, 10, 100_000_000]);
    expect((await latestCheckpoint(dir))?.step).toBe(100_000_000);
    await discardAfter(dir, 9);
    expect(await stepsIn(dir)).toEqual([9]);
  });

  it('says what is wrong with a state, all at once', async () => {
    const path = await saveCheckpoint(await fresh(), contentsAt(3));
    const wrong = { version: 1, step: -1, data: { seed: 1 }, random: {}, config: {} };
    await writeFile(join(path, 'training-state.json'), JSON.stringify(wrong));
    const error = await errorOf(() => checkedState(path));
    expect(error.code).toBe('checkpoint/state');
    for (const key of ['step is -1', 'data is {"seed":1}', 'files is undefined']) expect(error.message).toContain(key);
    await writeFile(join(path, 'training-state.json'), '{"version":2}');
    expect((await errorOf(() => checkedState(path))).code).toBe('checkpoint/version');
  });
});
