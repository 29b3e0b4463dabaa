// Typed-array views read the host's byte order. Every host that Dawn or a browser runs on is little-endian, like
// the format.
import type { FileDtype, FloatDtype } from './dtype.ts';
import { widenBf16, widenF16 } from './half.ts';

/** Decodes the first `target.length` elements of `buffer`; F64 is rounded to the nearest float32. */
export function decodeFloats(dtype: FloatDtype, buffer: ArrayBuffer, target: Float32Array): void {
  switch (dtype) {
    case 'F64':
      return target.set(new Float64Array(buffer, 0, target.length));
    case 'F32':
      return target.set(new Float32Array(buffer, 0, target.length));
    case 'F16':
      return widenF16(new Uint16Array(buffer, 0, target.length), target);
    case 'BF16':
      return widenBf16(new Uint16Array(buffer, 0, target.length), target);
  }
}

/** Decodes the first `target.length` elements of `buffer`; exact for every dtype. */
export function decodeDoubles(dtype: FloatDtype, buffer: ArrayBuffer, target: Float64Array): void {
  if (dtype === 'F64') return target.set(new Float64Array(buffer, 0, target.length));
  const floats = new Float32Array(target.length);
  decodeFloats(dtype, buffer, floats);
  target.set(floats);
}

/** The first `count` elements of `buffer` as integers, or undefined when `dtype` holds none. */
export function integerView(
  dtype: FileDtype,
  buffer: ArrayBuffer,
  count: number,
): ArrayLike<number | bigint> | undefined {
  switch (dtype) {
    case 'BOOL':
    case 'U8':
      return new Uint8Array(buffer, 0, count);
    case 'I8':
      return new Int8Array(buffer, 0, count);
    case 'U16':
      return new Uint16Array(buffer, 0, count);
    case 'I16':
      return new Int16Array(buffer, 0, count);
    case 'U32':
      return new Uint32Array(buffer, 0, count);
    case 'I32':
      return new Int32Array(buffer, 0, count);
    case 'U64':
      return new BigUint64Array(buffer, 0, count);
    case 'I64':
      return new BigInt64Array(buffer, 0, count);
    case 'F8_E5M2':
    case 'F8_E4M3':
    case 'F16':
    case 'BF16':
    case 'F32':
    case 'F64':
      return undefined;
  }
}
