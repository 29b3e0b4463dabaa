import type { WeightStorage } from '../../../dsl/node.ts';
import type { AnyTensor } from '../../../dsl/index.ts';
import type { Expected } from './numbers.ts';

/** Where an entry of a result stands, by the names of its axes. */
export type Place = Readonly<Record<string, number>>;

/** A kernel that is timed: its graph over inputs and the weight `w`, and what it computes. */
export interface Kernel {
  readonly name: string;
  readonly out: AnyTensor;
  readonly storage: WeightStorage;
  readonly unit: 'GB/s' | 'GFLOP/s';
  readonly flops: number;
  /** Bytes that it touches, where these are fewer than its tensors have. */
  readonly bytes?: number;
  /** Entry `i` of a tensor that it is given; `numberAt` where nothing is said. */
  readonly numbers?: (tensor: string, i: number) => number;
  /** An entry of the result in double precision. */
  entry(at: Place): Expected;
}
