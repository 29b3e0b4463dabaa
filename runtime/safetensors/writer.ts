import { writeAtomically } from './atomic-file.ts';
import { DTYPE_BYTES, elementCount } from './dtype.ts';
import { showJson } from './json.ts';
import { problemsError } from './problems.ts';

/** A tensor to write: `data` is row-major and holds product(`shape`) elements; F16 and BF16 are raw bit patterns. */
export type WritableTensor = { readonly shape: readonly number[] } & (
  | { readonly dtype: 'F32'; readonly data: Float32Array }
  | { readonly dtype: 'F64'; readonly data: Float64Array }
  | { readonly dtype: 'I64'; readonly data: BigInt64Array }
  | { readonly dtype: 'I32'; readonly data: Int32Array }
  | { readonly dtype: 'F16' | 'BF16'; readonly data: Uint16Array }
  | { readonly dtype: 'BOOL' | 'U8'; readonly data: Uint8Array }
);

export type WritableDtype = WritableTensor['dtype'];

/** A tensor whose bytes are made, or read from a device, while they are written: none need fit in host memory. */
export interface StreamedTensor {
  readonly name: string;
  readonly dtype: WritableDtype;
  readonly shape: readonly number[];
  /** The little-endian elements in order. A chunk is written before the next is asked for, so it may be reused. */
  readonly chunks: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export type Metadata = Readonly<Record<string, string>>;

/**
 * Writes tensors that are held in memory.
 * @throws RicciError `weights/write` listing every tensor whose data does not match its shape, and as
 * `streamSafetensors`
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, WritableTensor>>,
  metadata: Metadata = {},
): Promise<void> {
  const streamed = Object.entries(tensors).map(([name, { dtype, shape, data }]): StreamedTensor => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { name, dtype, shape, chunks: () => [bytes] };
  });
  const problems = Object.entries(tensors).flatMap(([name, { shape, data }]) =>
    elementCount(shape) === data.length
      ? []
      : [`${showJson(name)} has ${data.length} elements, its shape ${showJson(shape)} ${elementCount(shape)}`],
  );
  refuse(path, problems);
  await streamSafetensors(path, streamed, metadata);
}

/**
 * Writes one safetensors file, whole or not at all. Tensors are laid out by falling element size, so that each is
 * aligned to its own element, and otherwise in the given order.
 * @throws RicciError `weights/write` (bad names, shapes, or a tensor that makes too few or too many bytes),
 * `weights/write-failed` (the disk refuses)
 */
export async function streamSafetensors(
  path: string,
  tensors: readonly StreamedTensor[],
  metadata: Metadata = {},
): Promise<void> {
  await writeAtomically(path, async (append) => {
    for await (const bytes of safetensorsBytes(path, tensors, metadata)) await append(bytes);
  });
}

/**
 * The bytes of one safetensors file in order, for who writes it himself. A chunk may be overwritten once the next is
 * asked for.
 * @param path named in errors
 * @throws RicciError `weights/write`
 */
export async function* safetensorsBytes(
  path: string,
  tensors: readonly StreamedTensor[],
  metadata: Metadata = {},
): AsyncGenerator<Uint8Array> {
  refuse(path, layoutProblems(tensors));
  const ordered = [...tensors].sort((a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype]);
  yield encodeHeader(ordered, metadata);
  for (const tensor of ordered) {
    let written = 0;
    for await (const chunk of tensor.chunks()) {
      written += chunk.length;
      yield chunk;
    }
    const expected = byteLength(tensor);
    if (written !== expected) refuse(path, [`${showJson(tensor.name)} made ${written} bytes of ${expected}`]);
  }
}

const byteLength = ({ dtype, shape }: StreamedTensor): number => elementCount(shape) * DTYPE_BYTES[dtype];

function layoutProblems(tensors: readonly StreamedTensor[]): readonly string[] {
  const names = new Set<string>();
  return tensors.flatMap(({ name, shape }) => {
    const problems: string[] = [];
    if (name === '__metadata__') problems.push('"__metadata__" is reserved and cannot name a tensor');
    if (names.has(name)) problems.push(`the name ${showJson(name)} occurs twice`);
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
      problems.push(`${showJson(name)} has shape ${showJson(shape)}, not a list of sizes >= 0`);
    }
    names.add(name);
    return problems;
  });
}

/** Header length (u64) and JSON, padded with spaces so that the data starts at a multiple of 8. */
function encodeHeader(tensors: readonly StreamedTensor[], metadata: Metadata): Uint8Array {
  let offset = 0;
  const entries = tensors.map((tensor): [string, unknown] => {
    const begin = offset;
    offset += byteLength(tensor);
    return [tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, offset] }];
  });
  const head: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [['__metadata__', metadata]];
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...head, ...entries])));
  const padded = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(json, 8);
  return header;
}

function refuse(path: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw problemsError({
    code: 'weights/write',
    subject: `${path} was not written`,
    problems,
    hint: 'Give each tensor a name of its own, and as many elements as its shape has.',
  });
}
