import { elementCount } from '../../runtime/safetensors/dtype.ts';
import { narrowToBf16, narrowToF16 } from '../../runtime/safetensors/half.ts';
import type { InitialValues } from './initial-values.ts';
import type { RandomStream } from './random-stream.ts';

/** The dtype in which new weights are stored. */
export type WeightDtype = 'F32' | 'BF16' | 'F16';

/** Elements made at a time: even, because normal values come in pairs. */
const CHUNK = 1 << 16;

/** The little-endian bytes of a new tensor, a few hundred kilobytes at a time; a chunk is overwritten by the next. */
export function* initialChunks(
  values: InitialValues,
  shape: readonly number[],
  dtype: WeightDtype | 'BOOL',
  random: RandomStream,
): Generator<Uint8Array> {
  for (const chunk of valueChunks(values, shape, random)) yield encode(chunk, dtype);
}

function encode(values: Float32Array, dtype: WeightDtype | 'BOOL'): Uint8Array {
  switch (dtype) {
    case 'F32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case 'BF16':
      return new Uint8Array(narrowToBf16(values).buffer);
    case 'F16':
      return new Uint8Array(narrowToF16(values).buffer);
    case 'BOOL':
      return Uint8Array.from(values);
  }
}

/** The values in order; each chunk is overwritten by the next. */
function* valueChunks(values: InitialValues, shape: readonly number[], random: RandomStream): Generator<Float32Array> {
  if (values.kind === 'given-g') return yield* givenGChunks(values.g, shape, random);
  const count = elementCount(shape);
  const buffer = new Float32Array(Math.min(CHUNK, count));
  for (let at = 0; at < count; at += CHUNK) {
    const chunk = buffer.subarray(0, Math.min(CHUNK, count - at));
    if (values.kind === 'constant') chunk.fill(values.value);
    else if (values.kind === 'uniform') random.fillUniform(chunk, values.bound);
    else random.fillNormal(chunk, values.deviation);
    yield chunk;
  }
}

/** One chunk for each layer and slot of [L, 3, 1, H, d, d]; only the third slot, G_LM, is not zero. */
function* givenGChunks(
  g: 'identity' | 'random' | Float32Array,
  [layers = 0, slots = 0, , heads = 0, d = 0]: readonly number[],
  random: RandomStream,
): Generator<Float32Array> {
  const empty = new Float32Array(heads * d * d);
  const operator = new Float32Array(heads * d * d);
  if (g === 'identity') for (let row = 0; row < heads * d; row++) operator[row * d + (row % d)] = 1;
  for (let i = 0; i < layers * slots; i++) {
    const holdsG = i % slots === slots - 1;
    if (holdsG && g === 'random') random.fillNormal(operator, 1);
    if (holdsG && g instanceof Float32Array) operator.set(layerOf(g, Math.floor(i / slots), operator.length));
    yield holdsG ? operator : empty;
  }
}

const layerOf = (g: Float32Array, layer: number, size: number): Float32Array =>
  g.subarray(layer * size, (layer + 1) * size);
