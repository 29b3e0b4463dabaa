import type { Place } from '../dsl/errors.ts';
import type { IntegerStorage, Storage, WeightStorage } from '../dsl/node.ts';

/**
 * A compiled program: plain data that can be written as JSON, kept, sent, and run by a runtime that has no compiler.
 * All tensors lie row-major over the largest sizes of their axes (`memoryStrides`), so strides never depend on a run.
 */
export interface Program {
  readonly format: 4;
  readonly name: string;
  /** Symbolic sizes in the order in which kernels read them from the uniform block, which starts with a 1. */
  readonly sizes: readonly ProgramSize[];
  /** What `modules` hold: WGSL, WebAssembly as text, or WebAssembly in base64. */
  readonly encoding: 'wgsl' | 'wat' | 'wasm';
  /**
   * WGSL: modules with one entry point `main` each; kernels with equal code share one. WebAssembly: one module, in which
   * `k0`, `k1`, … are functions that kernels name by their number.
   */
  readonly modules: readonly string[];
  /** WebAssembly: bytes that each thread wants for itself. */
  readonly scratchBytes: number;
  readonly kernels: readonly Kernel[];
  readonly arenaBytes: number;
  /** Constant tensors, as one block of f32 or i32 words; loaded once. */
  readonly constants: readonly ConstantBlock[];
  readonly constantBytes: number;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly states: Readonly<Record<string, Value>>;
  /** Names of the weights that a run replaces, in their places. */
  readonly updates: readonly string[];
  readonly needs: DeviceNeeds;
}

export interface ProgramSize {
  readonly name: string;
  readonly max: number;
}

export interface DeviceNeeds {
  /** Lanes of a subgroup that the kernels rely on; undefined when they use no subgroup operations. */
  readonly subgroup: number | undefined;
  readonly storageBuffers: number;
  readonly bindingBytes: number;
  readonly threads: number;
}

export type SizeValue = number | { readonly symbol: string; readonly max: number };

/** Where bytes lie: in the arena of the program, or in a buffer that outlives it. */
export interface Region {
  readonly space: 'weights' | 'constants' | 'arena' | 'input' | 'output' | 'state';
  /** Which buffer of that space. */
  readonly buffer: string;
  readonly offset: number;
  readonly bytes: number;
}

/** A tensor that the outside sees. */
export interface Value {
  readonly region: Region;
  readonly dtype: 'f32' | 'i32';
  readonly axes: readonly { readonly name: string; readonly size: SizeValue }[];
}

export interface ConstantBlock {
  readonly offset: number;
  /** The bits of each f32 or i32 as an unsigned number: JSON has no infinities. */
  readonly words: readonly number[];
}

/** One dispatch. */
export interface Kernel {
  readonly name: string;
  readonly place: Place | undefined;
  /** WGSL: which module. WebAssembly: which function. */
  readonly module: number;
  /** In the order of the module's bindings 1, 2, …; binding 0 is the uniform block of sizes. */
  readonly bindings: readonly Binding[];
  /** Workgroups: the sum of the parts' own numbers. */
  readonly parts: readonly GridPart[];
  readonly cost: KernelCost;
}

export interface Binding {
  readonly region: Region;
  readonly access: 'read' | 'write';
}

/** Cells = the product of ceil(size / step); each workgroup runs `perGroup` of them. */
export interface GridPart {
  readonly dims: readonly { readonly size: SizeValue; readonly step: number }[];
  readonly perGroup: number;
}

/** What a kernel does when all sizes are at their largest; bytes count each tensor once. */
export interface KernelCost {
  readonly flops: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Names of the parameters that it reads. */
  readonly parameters: readonly string[];
}

/** Bytes of one entry, as it is kept. */
export const STORED_BYTES: Readonly<Record<Storage, number>> = { f32: 4, bf16: 2, f16: 2, int8: 1, int16: 2 };

/** The largest integer of a storage; its negative is the least, so that every number's negative is one too. */
export const LARGEST: Readonly<Record<IntegerStorage, number>> = { int8: 127, int16: 32767 };

/** Entries that devices read at once, where they begin at a multiple of as many. */
const VECTOR = 4;

/** From the beginning of a row to that of the next: rows begin where a vector does, if they are as long as one. */
const rowPitch = (entries: number): number => (entries < VECTOR ? entries : Math.ceil(entries / VECTOR) * VECTOR);

/** How far apart entries lie along each axis, in entries. @param bounds the largest sizes of a tensor's axes */
export function memoryStrides(bounds: readonly number[]): readonly number[] {
  const strides = bounds.map(() => 1);
  for (let d = bounds.length - 2; d >= 0; d--) {
    strides[d] = d === bounds.length - 2 ? rowPitch(bounds[d + 1]) : strides[d + 1] * bounds[d + 1];
  }
  return strides;
}

/** Entries that a tensor takes in memory, with what lies between its rows. @param bounds as of `memoryStrides` */
export const memoryEntries = (bounds: readonly number[]): number =>
  (bounds.length === 0 ? 1 : bounds[0] * memoryStrides(bounds)[0]);

/** Where each weight lies. */
export interface WeightLayout {
  readonly buffers: readonly { readonly name: string; readonly bytes: number }[];
  readonly weights: Readonly<Record<string, WeightPlace>>;
}

export interface WeightPlace {
  readonly buffer: string;
  readonly offset: number;
  readonly bytes: number;
  /** Set where a load program makes the weight, so that no checkpoint has it. */
  readonly derived?: true;
  /** Of a weight that a load program makes: the weights that it is made of, which no program may then update. */
  readonly madeOf?: readonly string[];
  /** Set where rows lie further apart than they are long: the entries of one, and from one to the next. */
  readonly rows?: { readonly entries: number; readonly pitch: number };
  /** How its numbers lie in memory; f32 where nothing is said. */
  readonly storage?: WeightStorage;
  /** Where an integer weight is to be a checkpoint's numbers divided by a scale: the weight that takes the scales. */
  readonly scales?: ScalesPlace;
}

/** How many numbers a weight has, which is less than what it takes in memory where its rows lie apart. */
export function weightEntries({ bytes, storage = 'f32', rows }: WeightPlace): number {
  const kept = bytes / STORED_BYTES[storage];
  return rows === undefined ? kept : (kept / rows.pitch) * rows.entries;
}

export interface ScalesPlace {
  /** Name of a derived weight: one scale for each row. */
  readonly weight: string;
  /** Which of its scales is the first row's: a weight may be a part of one that was split. */
  readonly first: number;
  /** Entries of a row. */
  readonly row: number;
}

/** The value of a size in one run. */
export const sizeValue = (size: SizeValue, sizes: Readonly<Record<string, number>>): number =>
  typeof size === 'number' ? size : sizes[size.symbol] ?? size.max;

/** How many workgroups each part of a kernel takes, and all together. */
export function workgroups(kernel: Kernel, sizes: Readonly<Record<string, number>>): number {
  return kernel.parts.reduce((total, p) => total + partGroups(p, sizes), 0);
}

function partGroups(part: GridPart, sizes: Readonly<Record<string, number>>): number {
  const cells = part.dims.reduce((n, d) => n * Math.ceil(sizeValue(d.size, sizes) / d.step), 1);
  return Math.ceil(cells / part.perGroup);
}

/** A module without its comments: kernels that differ in nothing else are one pipeline. */
export const codeOnly = (wgsl: string): string => wgsl.replace(/\/\/.*$/gm, '');
