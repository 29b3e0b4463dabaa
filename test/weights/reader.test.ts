import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  openReader,
  openSafetensors,
  readDoubles,
  readFloats,
  readIntegers,
  withReader,
  writeSafetensors,
} from '../../runtime/safetensors/index.ts';
import type { TensorEntry, WritableTensor } from '../../runtime/safetensors/index.ts';
import { bytesOf, errorOf, fileBytes, temporaryFolder } from './support.ts';

const folder = temporaryFolder();

async function stored(tensor: WritableTensor, file = 'x.safetensors'): Promise<TensorEntry> {
  await writeSafetensors(join(folder, file), { x: tensor });
  return (await openSafetensors(join(folder, file))).tensors.get('x')!;
}

const floats = (n: number): WritableTensor => ({
  dtype: 'F32',
  shape: [n],
  data: Float32Array.from({ length: n }, (_, i) => i),
});

describe('reading', () => {
  it('crosses the borders of its chunks', async () => {
    const count = 2 ** 19 + 7;
    const data = Float64Array.from({ length: count }, (_, i) => i / 3);
    const entry = await stored({ dtype: 'F64', shape: [count], data });
    const target = new Float32Array(count - 5);
    await readFloats(entry, 5, target);
    expect(Buffer.compare(bytesOf(target), bytesOf(Float32Array.from(data.subarray(5))))).toBe(0);
    expect(Buffer.compare(bytesOf(await readDoubles(entry)), bytesOf(data))).toBe(0);
  });

  it('reads unaligned tensors, which other writers may produce', async () => {
    const path = join(folder, 'unaligned.safetensors');
    const data = new Uint8Array(1 + 8);
    new DataView(data.buffer).setFloat64(1, Math.PI, true);
    const header = {
      flag: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] },
      pi: { dtype: 'F64', shape: [], data_offsets: [1, 9] },
    };
    await writeFile(path, fileBytes(header, data));
    const entry = (await openSafetensors(path)).tensors.get('pi')!;
    expect(await readDoubles(entry)).toEqual(Float64Array.of(Math.PI));
  });

  it('fills a view without touching its surroundings', async () => {
    const entry = await stored(floats(10));
    const whole = new Float32Array(6).fill(-1);
    await readFloats(entry, 3, whole.subarray(2, 5));
    expect(whole).toEqual(Float32Array.of(-1, -1, 3, 4, 5, -1));
  });

  it.each([
    ['I8', 1, [-128, 127], (view: DataView, at: number, x: number) => view.setInt8(at, x)],
    ['I16', 2, [-32768, 32767], (view: DataView, at: number, x: number) => view.setInt16(at, x, true)],
    ['U16', 2, [0, 65535], (view: DataView, at: number, x: number) => view.setUint16(at, x, true)],
    ['U32', 4, [0, 2 ** 31 - 1], (view: DataView, at: number, x: number) => view.setUint32(at, x, true)],
    ['U64', 8, [0, 2 ** 31 - 1], (view: DataView, at: number, x: number) => view.setBigUint64(at, BigInt(x), true)],
  ] as const)('reads %s', async (dtype, size, values, put) => {
    const data = new Uint8Array(2 * size);
    values.forEach((value, i) => put(new DataView(data.buffer), i * size, value));
    const path = join(folder, 'integers.safetensors');
    await writeFile(path, fileBytes({ x: { dtype, shape: [2], data_offsets: [0, 2 * size] } }, data));
    const entry = (await openSafetensors(path)).tensors.get('x')!;
    expect([...(await readIntegers(entry))]).toEqual(values);
  });

  it('serves many concurrent reads of one open file', async () => {
    const entry = await stored(floats(100));
    const rows = await withReader((reader) =>
      Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          const row = new Float32Array(5);
          await reader.readFloats(entry, 5 * i, row);
          return [...row];
        }),
      ),
    );
    expect(rows.flat()).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe('reads that are refused', () => {
  it.each([-1, 0.5, 8, NaN])('from element %d of 10, three elements', async (from) => {
    const entry = await stored(floats(10));
    const error = await errorOf(() => readFloats(entry, from, new Float32Array(3)));
    expect(error.code).toBe('weights/range');
    expect(error.message).toContain('it has 10 elements (shape [10])');
  });

  it('integers as floats, and floats as integers', async () => {
    const integers = await stored({ dtype: 'I64', shape: [1], data: BigInt64Array.of(3n) }, 'i.safetensors');
    const real = await stored(floats(1), 'f.safetensors');
    const asFloats = await errorOf(() => readFloats(integers, 0, new Float32Array(1)));
    const asIntegers = await errorOf(() => readIntegers(real));
    expect([asFloats.code, asIntegers.code]).toEqual(['weights/dtype', 'weights/dtype']);
    expect(asFloats.message).toContain('x in ' + integers.file + ' is I64 and cannot be read as floats');
    expect(asIntegers.message).toContain('is F32 and cannot be read as integers');
  });

  it.each([2n ** 31n, -(2n ** 31n) - 1n, 2n ** 63n - 1n])('the value %s, which does not fit', async (value) => {
    const entry = await stored({ dtype: 'I64', shape: [2], data: BigInt64Array.of(1n, value) });
    const error = await errorOf(() => readIntegers(entry));
    expect(error.code).toBe('weights/value-range');
    expect(error.message).toContain(`x[1] in ${entry.file} is ${value}, which does not fit`);
  });

  it('a file that shrank or vanished after it was opened', async () => {
    const entry = await stored(floats(10), 'shrinking.safetensors');
    await truncate(entry.file, entry.start + 8);
    expect((await errorOf(() => readFloats(entry, 0, new Float32Array(10)))).code).toBe('weights/truncated');
    const absent = { ...entry, file: join(folder, 'gone.safetensors') };
    expect((await errorOf(() => readFloats(absent, 0, new Float32Array(1)))).code).toBe('weights/missing-file');
  });

  it('a reader that was closed', async () => {
    const entry = await stored(floats(1));
    const reader = openReader();
    await reader.readFloats(entry, 0, new Float32Array(1));
    await reader.close();
    const error = await errorOf(() => reader.readFloats(entry, 0, new Float32Array(1)));
    expect(error.code).toBe('weights/reader-closed');
    await reader.close();
  });
});
