import type { Axis } from './axis.ts';
import type { Origin } from './place.ts';
import type { ScalarExpr } from './scalar/expr.ts';

export type DType = 'f32' | 'i32';
/**
 * How a weight's numbers lie in memory, of which each is an f32: whole, its upper half (bf16), an IEEE binary16 (f16),
 * or an integer of 8 bits.
 */
export type WeightStorage = (typeof WEIGHT_STORAGES)[number];
export const WEIGHT_STORAGES = ['f32', 'bf16', 'f16', 'int8'] as const;
/** Integers of so many bits. */
export type IntegerStorage = 'int8' | 'int16';
/** What a value may be rounded to. */
export type RoundedStorage = IntegerStorage | 'f16';
/** How the numbers of any value lie in memory. */
export type Storage = WeightStorage | IntegerStorage;
/** `compensated` is a sum that keeps what its roundings lose, for terms that cancel. */
export type Monoid = 'sum' | 'compensated' | 'prod' | 'max' | 'min';

/**
 * A value of the language. Nodes are frozen and made only by the constructors in `nodes/`. Two nodes with one `key`
 * compute the same value: the key is a digest of the whole expression, so equality needs no table and rewriting shares
 * for free.
 */
export type Node =
  | InputNode | ParameterNode | ConstantNode | TableNode | IotaNode | RandomNode
  | MapNode | QuantizeNode | ReduceNode | DotNode
  | RenameNode | SplitNode | MergeNode | SliceNode | PadNode | ConcatNode
  | GatherNode | ScatterAddNode
  | FreezeNode | CacheNode | AppendNode
  | StopGradientNode;

export interface NodeBase {
  readonly axes: readonly Axis[];
  readonly dtype: DType;
  /** Everything that decides what the node does to its operands, and nothing about them. */
  readonly operation: string;
  readonly key: string;
  readonly origin: Origin;
}

/** Given by the caller at every run. */
export interface InputNode extends NodeBase {
  readonly kind: 'input'; readonly name: string; readonly storage: Storage;
}
/** A weight: given once, in the row-major order of `axes`. */
export interface ParameterNode extends NodeBase {
  readonly kind: 'parameter'; readonly name: string; readonly storage: WeightStorage;
}
export interface ConstantNode extends NodeBase { readonly kind: 'constant'; readonly value: number }
/** A constant tensor, row-major over `axes`. */
export interface TableNode extends NodeBase { readonly kind: 'table'; readonly data: Float64Array }
/** The index along one axis: 0, 1, 2, … */
export interface IotaNode extends NodeBase { readonly kind: 'iota'; readonly axis: Axis }
/** Uniform numbers in [0, 1), a pure function of the seed and the index. */
export interface RandomNode extends NodeBase { readonly kind: 'random'; readonly seed: number }
export interface MapNode extends NodeBase {
  readonly kind: 'map'; readonly fn: ScalarExpr; readonly args: readonly Node[];
  /** `fn` as text. */
  readonly code: string;
}
/** The nearest numbers that `storage` can hold; integers are kept in memory so. */
export interface QuantizeNode extends NodeBase {
  readonly kind: 'quantize'; readonly x: Node; readonly storage: RoundedStorage;
}
export interface ReduceNode extends NodeBase {
  readonly kind: 'reduce'; readonly monoid: Monoid; readonly x: Node; readonly over: Axis;
}
export interface DotNode extends NodeBase {
  readonly kind: 'dot'; readonly a: Node; readonly b: Node; readonly over: Axis; readonly monoid: 'sum' | 'compensated';
}
export interface RenameNode extends NodeBase {
  readonly kind: 'rename'; readonly x: Node; readonly from: Axis; readonly to: Axis;
}
/** index along `from` = index along `outer` · size of `inner` + index along `inner` */
export interface SplitNode extends NodeBase {
  readonly kind: 'split'; readonly x: Node; readonly from: Axis; readonly outer: Axis; readonly inner: Axis;
}
export interface MergeNode extends NodeBase {
  readonly kind: 'merge'; readonly x: Node; readonly outer: Axis; readonly inner: Axis; readonly to: Axis;
}
export interface SliceNode extends NodeBase {
  readonly kind: 'slice'; readonly x: Node; readonly axis: Axis; readonly start: number;
}
export interface PadNode extends NodeBase {
  readonly kind: 'pad'; readonly x: Node; readonly axis: Axis; readonly before: number; readonly value: number;
}
/** Operands one after the other along `axis`; an operand without that axis counts as one entry. */
export interface ConcatNode extends NodeBase {
  readonly kind: 'concat'; readonly xs: readonly Node[]; readonly axis: Axis;
}
/** `x` at `index` along `axis`; indices are clamped to the axis. */
export interface GatherNode extends NodeBase {
  readonly kind: 'gather'; readonly x: Node; readonly axis: Axis; readonly index: Node;
}
/** out[to = index[…]] = Σ x over the axes `over`; rows whose index lies outside `to` are dropped. */
export interface ScatterAddNode extends NodeBase {
  readonly kind: 'scatterAdd'; readonly x: Node; readonly index: Node; readonly over: Axis; readonly to: Axis;
}
/** The identity; staging may cut the graph here and supply the value that an earlier program produced. */
export interface FreezeNode extends NodeBase { readonly kind: 'freeze'; readonly x: Node; readonly label: string }
/** Rows along `from` seen as rows along `to`; staging may keep the earlier rows and append only the new ones. */
export interface CacheNode extends NodeBase {
  readonly kind: 'cache'; readonly x: Node; readonly from: Axis; readonly to: Axis; readonly label: string;
}
/** Made by staging only: `state` with the rows of `x` (axis `from`) written at `at` + index along axis `to`. */
export interface AppendNode extends NodeBase {
  readonly kind: 'append'; readonly state: Node; readonly x: Node; readonly at: Node | undefined;
  readonly from: Axis; readonly to: Axis;
}
/** The identity, whose operand counts as a constant where gradients are taken; a program is compiled without it. */
export interface StopGradientNode extends NodeBase { readonly kind: 'stopGradient'; readonly x: Node }
