import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSafetensors, streamSafetensors, writeSafetensors } from '../../runtime/safetensors/index.ts';
import type { StreamedTensor } from '../../runtime/safetensors/index.ts';
import { errorOf, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const path = join(folder, 'out.safetensors');
const one = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;

describe('the writer', () => {
  it('pads the header with spaces to a multiple of 8 and lays large elements first', async () => {
    await writeSafetensors(
      path,
      { flag: { dtype: 'BOOL', shape: [1], data: Uint8Array.of(1) }, x: one },
      { format: 'pt' },
    );
    const bytes = await readFile(path);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(bytes.toString('utf8', 8, 8 + length).trimEnd()).toBe(
      '{"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
        '"flag":{"dtype":"BOOL","shape":[1],"data_offsets":[4,5]}}',
    );
    expect(bytes.length).toBe(8 + length + 5);
  });

  it('writes a file without tensors', async () => {
    await writeSafetensors(path, {});
    expect((await openSafetensors(path)).tensors.size).toBe(0);
  });

  it('lists every tensor that cannot be written, and leaves the old file alone', async () => {
    await writeFile(path, 'old');
    const error = await errorOf(() =>
      writeSafetensors(path, { a: { ...one, shape: [2] }, ok: one, b: { ...one, shape: [-1] } }),
    );
    expect(error.code).toBe('weights/write');
    expect(error.message).toContain('"a" has 1 elements, its shape [2] 2');
    expect(error.message).toContain('"b" has 1 elements, its shape [-1] -1');
    expect(await readFile(path, 'utf8')).toBe('old');
  });

  it('refuses reserved, repeated and impossible tensors', async () => {
    const make = (name: string, shape: readonly number[]): StreamedTensor => {
      return { name, dtype: 'F32', shape, chunks: () => [] };
    };
    const bad = [make('__metadata__', [0]), make('a', [0]), make('a', [0]), make('b', [0.5])];
    const error = await errorOf(() => streamSafetensors(path, bad));
    expect(error.message).toContain('"__metadata__" is reserved');
    expect(error.message).toContain('the name "a" occurs twice');
    expect(error.message).toContain('"b" has shape [0.5]');
  });

  it('removes the temporary file when a stream yields too little or throws', async () => {
    await writeFile(path, 'old');
    const short: StreamedTensor = { name: 'a', dtype: 'F32', shape: [2], chunks: () => [new Uint8Array(4)] };
    const failing: StreamedTensor = {
      ...short,
      chunks: () => {
        throw new Error('no more values');
      },
    };
    expect((await errorOf(() => streamSafetensors(path, [short]))).message).toContain('"a" made 4 bytes of 8');
    expect((await errorOf(() => streamSafetensors(path, [failing]))).message).toContain('no more values');
    expect(await readFile(path, 'utf8')).toBe('old');
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('says where it could not write', async () => {
    const error = await errorOf(() => writeSafetensors(join(folder, 'no', 'such', 'x.safetensors'), { one }));
    expect(error.code).toBe('weights/write-failed');
    expect(error.message).toContain(join('no', 'such', 'x.safetensors'));
  });
});
