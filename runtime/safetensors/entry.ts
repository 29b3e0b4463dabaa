import type { FileDtype } from './dtype.ts';

/** Where one tensor lies on disk. Elements are little-endian and row-major (last axis fastest). */
export interface TensorEntry {
  /** The name in the file's header. */
  readonly name: string;
  readonly dtype: FileDtype;
  readonly shape: readonly number[];
  /** Path of the file that holds the elements. */
  readonly file: string;
  /** Absolute byte offset of the first element in `file`. */
  readonly start: number;
  /** Length in bytes: product of `shape` × bytes per element. */
  readonly bytes: number;
}

/** The directory of one safetensors file, or of all shards behind one index. */
export interface TensorFile {
  /** By name, in the order of the bytes on disk (shard after shard). */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** The header's `__metadata__`, empty when absent. */
  readonly metadata: Readonly<Record<string, string>>;
}
