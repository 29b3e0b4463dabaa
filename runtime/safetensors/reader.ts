import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { RicciError } from '../../dsl/errors.ts';
import { decodeDoubles, decodeFloats, integerView } from './decode.ts';
import { DTYPE_BYTES, elementCount, isFloatDtype } from './dtype.ts';
import type { FloatDtype } from './dtype.ts';
import type { TensorEntry } from './entry.ts';
import { fileError } from './json.ts';
import { readFully } from './read-fully.ts';

/** Host memory that a converting read needs besides its target. */
const CHUNK_BYTES = 1 << 20;

/** Reads tensors through file handles that stay open until `close`. */
export interface TensorReader {
  /**
   * Reads elements `[from, from + target.length)` (row-major) as float32 into `target`, whatever the float dtype of
   * the file. F32, F16 and BF16 are exact; F64 is rounded to nearest.
   * @throws RicciError `weights/dtype` when the tensor is not F64, F32, F16 or BF16; `weights/range` when the
   * elements lie outside the tensor; `weights/missing-file`, `weights/unreadable`, `weights/truncated`,
   * `weights/reader-closed`
   */
  readFloats(entry: TensorEntry, from: number, target: Float32Array): Promise<void>;
  /**
   * Reads a whole integer or boolean tensor; true is 1.
   * @throws RicciError `weights/dtype`, `weights/value-range` when a value does not fit 32 bits, and as `readFloats`
   */
  readIntegers(entry: TensorEntry): Promise<Int32Array>;
  /** Reads a whole float tensor without rounding. Throws as `readFloats`. */
  readDoubles(entry: TensorEntry): Promise<Float64Array>;
  /** Closes every handle; the reader cannot be used afterwards. */
  close(): Promise<void>;
}

/** Opens a reader; each file is opened at its first use. */
export function openReader(): TensorReader {
  const handles = new Map<string, Promise<FileHandle>>();
  let closed = false;
  const handleOf = ({ file }: TensorEntry): Promise<FileHandle> => {
    if (closed) throw readerClosed(file);
    const handle = handles.get(file) ?? openHandle(file);
    handles.set(file, handle);
    return handle;
  };
  return {
    readFloats: async (entry, from, target) => readFloatsFrom(await handleOf(entry), entry, from, target),
    readIntegers: async (entry) => readIntegersFrom(await handleOf(entry), entry),
    readDoubles: async (entry) => readDoublesFrom(await handleOf(entry), entry),
    close: async () => {
      closed = true;
      for (const opening of await Promise.allSettled(handles.values())) {
        if (opening.status === 'fulfilled') await opening.value.close();
      }
      handles.clear();
    },
  };
}

/** Runs `use` with a reader and closes it whatever happens. */
export async function withReader<Result>(use: (reader: TensorReader) => Promise<Result>): Promise<Result> {
  const reader = openReader();
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** `TensorReader.readFloats` for a single read: opens and closes the file. */
export const readFloats = (entry: TensorEntry, from: number, target: Float32Array): Promise<void> =>
  withReader((reader) => reader.readFloats(entry, from, target));

/** `TensorReader.readIntegers` for a single read: opens and closes the file. */
export const readIntegers = (entry: TensorEntry): Promise<Int32Array> =>
  withReader((reader) => reader.readIntegers(entry));

/** `TensorReader.readDoubles` for a single read: opens and closes the file. */
export const readDoubles = (entry: TensorEntry): Promise<Float64Array> =>
  withReader((reader) => reader.readDoubles(entry));

async function readFloatsFrom(handle: FileHandle, entry: TensorEntry, from: number, target: Float32Array) {
  const dtype = floatDtype(entry);
  const count = elementCount(entry.shape);
  if (!Number.isSafeInteger(from) || from < 0 || from + target.length > count) {
    throw outsideTensor(entry, from, target.length, count);
  }
  if (dtype === 'F32') {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    return readFully(handle, entry.file, bytes, entry.start + from * 4);
  }
  await eachChunk(handle, entry, from, target.length, (buffer, at, length) =>
    decodeFloats(dtype, buffer, target.subarray(at, at + length)),
  );
}

async function readDoublesFrom(handle: FileHandle, entry: TensorEntry): Promise<Float64Array> {
  const dtype = floatDtype(entry);
  const target = new Float64Array(elementCount(entry.shape));
  await eachChunk(handle, entry, 0, target.length, (buffer, at, length) =>
    decodeDoubles(dtype, buffer, target.subarray(at, at + length)),
  );
  return target;
}

async function readIntegersFrom(handle: FileHandle, entry: TensorEntry): Promise<Int32Array> {
  const target = new Int32Array(elementCount(entry.shape));
  if (integerView(entry.dtype, new ArrayBuffer(0), 0) === undefined) throw wrongDtype(entry, 'integers');
  await eachChunk(handle, entry, 0, target.length, (buffer, at, length) => {
    const values = integerView(entry.dtype, buffer, length)!;
    for (let i = 0; i < length; i++) target[at + i] = toInt32(values[i]!, entry, at + i);
  });
  return target;
}

/** Calls `take(buffer, at, length)` for consecutive runs: `length` elements, `at` elements after `from`. */
async function eachChunk(
  handle: FileHandle,
  entry: TensorEntry,
  from: number,
  count: number,
  take: (buffer: ArrayBuffer, at: number, length: number) => void,
): Promise<void> {
  const size = DTYPE_BYTES[entry.dtype];
  const step = CHUNK_BYTES / size;
  const buffer = new ArrayBuffer(Math.min(step, count) * size);
  for (let at = 0; at < count; at += step) {
    const length = Math.min(step, count - at);
    await readFully(handle, entry.file, new Uint8Array(buffer, 0, length * size), entry.start + (from + at) * size);
    take(buffer, at, length);
  }
}

const openHandle = (file: string): Promise<FileHandle> =>
  open(file, 'r').catch((cause: unknown) => {
    throw fileError(file, 'weights', cause);
  });

function floatDtype(entry: TensorEntry): FloatDtype {
  if (isFloatDtype(entry.dtype)) return entry.dtype;
  throw wrongDtype(entry, 'floats');
}

function toInt32(value: number | bigint, entry: TensorEntry, index: number): number {
  const number = Number(value);
  if (number >= -(2 ** 31) && number < 2 ** 31) return number;
  throw new RicciError({
    code: 'weights/value-range',
    message: `${entry.name}[${index}] in ${entry.file} is ${value}, which does not fit a signed 32-bit integer.`,
    hint: 'Token ids and flags fit 32 bits: check that this is the right tensor.',
  });
}

const wrongDtype = (entry: TensorEntry, wanted: 'floats' | 'integers'): RicciError =>
  new RicciError({
    code: 'weights/dtype',
    message: `${entry.name} in ${entry.file} is ${entry.dtype} and cannot be read as ${wanted}.`,
    hint:
      wanted === 'floats' ? 'Store it as F32, F16, BF16 or F64.' : 'Store it as an integer dtype or BOOL, at most I64.',
  });

const outsideTensor = (entry: TensorEntry, from: number, length: number, count: number): RicciError =>
  new RicciError({
    code: 'weights/range',
    message:
      `Elements [${from}, ${from + length}) of ${entry.name} were asked for, ` +
      `but it has ${count} elements (shape [${entry.shape.join(', ')}]).`,
    hint: 'Check the offset and the length of the target against the shape.',
  });

const readerClosed = (file: string): RicciError =>
  new RicciError({
    code: 'weights/reader-closed',
    message: `A reader that is already closed was asked to read ${file}.`,
    hint: 'Finish every read before close(), or open a new reader.',
  });
