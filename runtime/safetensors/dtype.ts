/** Bytes per element of the safetensors dtypes whose elements are whole bytes. */
export const DTYPE_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
} as const;

/** A dtype as written in a safetensors header. */
export type FileDtype = keyof typeof DTYPE_BYTES;

/** The dtypes that can be read as real numbers. */
export type FloatDtype = 'F64' | 'F32' | 'F16' | 'BF16';

export const isFileDtype = (value: unknown): value is FileDtype =>
  typeof value === 'string' && Object.hasOwn(DTYPE_BYTES, value);

export const isFloatDtype = (dtype: FileDtype): dtype is FloatDtype =>
  dtype === 'F64' || dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';

/** Number of elements of a shape; a scalar (`[]`) has one. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
