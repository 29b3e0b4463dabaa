import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import { widenBf16, widenF16 } from '../../runtime/safetensors/half.ts';
import {
  elementCount,
  isFloatDtype,
  openSafetensors,
  readDoubles,
  readFloats,
  readIntegers,
  writeSafetensors,
} from '../../runtime/safetensors/index.ts';
import type { TensorEntry, WritableTensor } from '../../runtime/safetensors/index.ts';
import { bytesOf, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const path = join(folder, 'laws.safetensors');

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });

const tensors: fc.Arbitrary<WritableTensor> = shapes.chain((shape): fc.Arbitrary<WritableTensor> => {
  const count = elementCount(shape);
  const length = { minLength: count, maxLength: count };
  return fc.oneof(
    fc.float32Array(length).map((data) => ({ dtype: 'F32', shape, data }) as const),
    fc.float64Array(length).map((data) => ({ dtype: 'F64', shape, data }) as const),
    fc.bigInt64Array(length).map((data) => ({ dtype: 'I64', shape, data }) as const),
    fc.int32Array(length).map((data) => ({ dtype: 'I32', shape, data }) as const),
    fc.uint16Array(length).map((data) => ({ dtype: 'F16', shape, data }) as const),
    fc.uint16Array(length).map((data) => ({ dtype: 'BF16', shape, data }) as const),
    fc.uint8Array({ ...length, max: 1 }).map((data) => ({ dtype: 'BOOL', shape, data }) as const),
    fc.uint8Array(length).map((data) => ({ dtype: 'U8', shape, data }) as const),
  );
});

const names = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', '0', 'a.b.weight'));
const files = fc.array(fc.tuple(names.filter((name) => name !== '__metadata__'), tensors), { maxLength: 6 });
const metadata = fc.dictionary(names, fc.string({ unit: 'binary' }), { maxKeys: 4 });

function floatsOf({ dtype, data }: WritableTensor): Float32Array {
  const floats = new Float32Array(data.length);
  if (dtype === 'F16') widenF16(data, floats);
  else if (dtype === 'BF16') widenBf16(data, floats);
  else floats.set(Array.from(data, Number));
  return floats;
}

async function expectSame(entry: TensorEntry, tensor: WritableTensor): Promise<void> {
  expect([entry.dtype, entry.shape]).toEqual([tensor.dtype, tensor.shape]);
  if (!isFloatDtype(entry.dtype)) {
    if (tensor.dtype === 'I64' && tensor.data.some((value) => BigInt.asIntN(32, value) !== value)) return;
    expect(await readIntegers(entry)).toEqual(Int32Array.from(Array.from(tensor.data, Number)));
    return;
  }
  const floats = new Float32Array(tensor.data.length);
  await readFloats(entry, 0, floats);
  const expected = floatsOf(tensor);
  expect(floats).toEqual(expected);
  // Bit for bit, so that no NaN payload and no sign of a zero is lost, wherever nothing has to be rounded.
  if (tensor.dtype !== 'F64') expect(bytesOf(floats)).toEqual(bytesOf(expected));
  const doubles = tensor.dtype === 'F64' ? tensor.data : Float64Array.from(expected);
  expect(await readDoubles(entry)).toEqual(doubles);
}

describe('writing, opening and reading', () => {
  it('law: every tensor comes back under its name, with its values and the metadata', async () => {
    await fc.assert(
      fc.asyncProperty(files, metadata, async (list, meta) => {
        const written = Object.fromEntries(list);
        await writeSafetensors(path, written, meta);
        const file = await openSafetensors(path);
        expect(new Set(file.tensors.keys())).toEqual(new Set(Object.keys(written)));
        expect(Object.entries(file.metadata).sort()).toEqual(Object.entries(meta).sort());
        for (const [name, tensor] of Object.entries(written)) await expectSame(file.tensors.get(name)!, tensor);
      }),
      { numRuns: 60 },
    );
  });

  it('law: every tensor is aligned to its element, and the tensors cover the data exactly', async () => {
    await fc.assert(
      fc.asyncProperty(files, async (list) => {
        await writeSafetensors(path, Object.fromEntries(list));
        const entries = [...(await openSafetensors(path)).tensors.values()];
        for (const { start, bytes, shape } of entries) expect(start % (bytes / elementCount(shape) || 1)).toBe(0);
        for (const [i, entry] of entries.slice(1).entries()) {
          expect(entry.start).toBe(entries[i]!.start + entries[i]!.bytes);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('law: any slice of any float dtype equals that slice of the whole', async () => {
    const cases = tensors.filter((tensor) => isFloatDtype(tensor.dtype) && tensor.data.length > 0);
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), fc.nat(), async (tensor, a, b) => {
        const count = tensor.data.length;
        const [from, to] = [a % (count + 1), b % (count + 1)].sort((x, y) => x - y) as [number, number];
        await writeSafetensors(path, { before: tensor, x: tensor });
        const target = new Float32Array(to - from);
        await readFloats((await openSafetensors(path)).tensors.get('x')!, from, target);
        expect(target).toEqual(floatsOf(tensor).slice(from, to));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves no temporary file behind', async () => {
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('a damaged file', () => {
  const damaged = join(folder, 'damaged.safetensors');
  const valid = async (): Promise<Uint8Array> => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    const tensors: Readonly<Record<string, WritableTensor>> = {
      'a.weight': { dtype: 'F32', shape: [2, 3], data },
      'b.bias': { dtype: 'F16', shape: [4], data: Uint16Array.of(1, 2, 3, 4) },
      mask: { dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
    };
    await writeSafetensors(path, tensors, { format: 'pt' });
    return readFile(path);
  };

  /** Either a consistent directory or a RicciError: nothing else may come out of damaged bytes. */
  async function expectSoundOrRefused(bytes: Uint8Array): Promise<void> {
    await writeFile(damaged, bytes);
    try {
      for (const entry of (await openSafetensors(damaged)).tensors.values()) {
        expect(entry.start + entry.bytes).toBeLessThanOrEqual(bytes.length);
        expect(entry.start).toBeGreaterThanOrEqual(8);
      }
    } catch (error) {
      if (!(error instanceof RicciError)) throw error;
      expect(error.code).toMatch(/^weights\//);
    }
  }

  it('law: overwriting any range of the header gives a RicciError or a sound directory', async () => {
    const good = await valid();
    const header = 8 + Number(new DataView(good.buffer, good.byteOffset).getBigUint64(0, true));
    const junk = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.string({ minLength: 1 }).map(encode));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: header - 1 }), junk, async (at, replacement) => {
        const bytes = Uint8Array.from(good);
        bytes.set(replacement.subarray(0, header - at), at);
        await expectSoundOrRefused(bytes);
      }),
      { numRuns: 400 },
    );
  });

  it('law: overwriting one character with one that JSON uses gives a RicciError or a sound directory', async () => {
    const good = await valid();
    const header = Number(new DataView(good.buffer, good.byteOffset).getBigUint64(0, true));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: header - 1 }), fc.constantFrom(...'0123456789[]{},:"-.eE\\ F'), async (at, c) => {
        const bytes = Uint8Array.from(good);
        bytes.set(encode(c), 8 + at);
        await expectSoundOrRefused(bytes);
      }),
      { numRuns: 400 },
    );
  });

  it('law: a file cut anywhere is refused', async () => {
    const good = await valid();
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), async (length) => {
        await writeFile(damaged, good.subarray(0, length));
        await expect(openSafetensors(damaged)).rejects.toMatchObject({ code: 'weights/truncated' });
      }),
      { numRuns: 100 },
    );
  });
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
