import { maxOf, type Size } from '../dsl/axis.ts';
import { RicciError } from '../dsl/errors.ts';
import { topological } from '../dsl/graph.ts';
import type { InputNode, Node, ParameterNode, TableNode } from '../dsl/node.ts';
import { makeParameter } from '../dsl/nodes/leaves.ts';
import { makeFreeze } from '../dsl/nodes/staging.ts';
import { assembleWasm } from './assemble-wasm.ts';
import { assemble, parametersOf, type Placement } from './assemble.ts';
import { bytesOf, isLeaf, storageOf } from './fuse/cost.ts';
import { fuse, type Computation } from './fuse/fuse.ts';
import type { Kind } from './fuse/kind.ts';
import type { Draft } from './fuse/siblings.ts';
import { walk } from './interpret/dense.ts';
import { kernelsOf } from './kernels.ts';
import { CPU_PROFILE, DEFAULT_PROFILE, rowLanes, type Profile, type Schedules } from './loop/schedule.ts';
import { threadsOf } from './loop/workgroup.ts';
import { lower } from './lower/lower.ts';
import { hoist } from './passes/hoist.ts';
import { simplify } from './passes/simplify.ts';
import { factorsFor, narrow, type StorageOf } from './passes/narrow.ts';
import { splitWeights } from './passes/split.ts';
import { stateLabel } from './passes/stage.ts';
import { updatedWeights, type Overwrites, type Updates } from './passes/updates.ts';
import { verify } from './passes/verify.ts';
import { aligned, planArena, type Lifetime } from './plan/arena.ts';
import { lifetimes } from './plan/lifetimes.ts';
import { layoutWeights } from './plan/weights.ts';
import { codeOnly, memoryEntries, memoryStrides } from './program.ts';
import type {
  ConstantBlock, Kernel, Program, ProgramSize, Region, Value, WeightLayout, WeightPlace,
} from './program.ts';

/** What a device allows and prefers. */
export interface Target {
  readonly profile: Profile;
  /** What some kernels have of their own. */
  readonly schedules?: Schedules;
  /** Storage buffers that one kernel may bind. */
  readonly storageBuffers: number;
  readonly bindingBytes: number;
  readonly bufferBytes: number;
}

/** A thread with WebAssembly SIMD over one memory; nothing needs to be split or counted there. */
export const CPU_TARGET: Target = {
  profile: CPU_PROFILE, storageBuffers: 64, bindingBytes: 2 ** 32, bufferBytes: 2 ** 32,
};

/** The same where the engine has relaxed SIMD, whose sums of products round once. */
export const FUSED_CPU_TARGET: Target = { ...CPU_TARGET, profile: { ...CPU_PROFILE, fused: true } };

/** What WebGPU guarantees everywhere. */
export const BASE_TARGET: Target = {
  profile: DEFAULT_PROFILE, storageBuffers: 8, bindingBytes: 134217728, bufferBytes: 268435456,
};

/** A program to be compiled: what it returns, what it leaves in states, and what it makes of weights. */
export interface ProgramSource {
  readonly name: string;
  readonly outputs: Readonly<Record<string, Node>>;
  readonly states?: ReadonlyMap<string, Node>;
  /**
   * Weights that it replaces, by name: when it has run, the weight holds the value, which has the weight's own axes in
   * their order. The value is written into the weight's place; all that the program computes is made of old weights.
   */
  readonly updates?: Updates;
  /**
   * Bytes that the values inside of the program are wished to take (`Program.arenaBytes`): where they would take more,
   * some are computed again before late uses. If that does not suffice, they take as little as was found.
   */
  readonly memory?: number;
}

/** @throws `compiler/update-derived` where weights were loaded that are made of those that programs update */
function checkDerived(changing: ReadonlySet<string>, { weights }: WeightLayout): void {
  const stale = [...changing].filter((name) => Object.values(weights).some((w) => w.madeOf?.includes(name)));
  if (stale.length === 0) return;
  throw new RicciError({
    code: 'compiler/update-derived',
    message: `A program updates ${stale.map((n) => `"${n}"`).join(', ')}, `
      + 'of which other weights were made when they were loaded.',
    hint: 'Compile this program together with those that share its weights.',
  });
}

/** Hears of the steps of compiling, each when it is done; a program's are done several times. */
export type Watch = (done: 'passes' | 'fuse' | 'lower' | 'emit') => void;

export interface Compiled {
  readonly programs: readonly Program[];
  /** Makes the derived weights of the layout from the given ones; to be run once, when those are loaded. */
  readonly load?: Program;
  readonly layout: WeightLayout;
}

/**
 * Compiles programs that share weights. The first programs decide where weights lie and how they are kept; programs
 * compiled later are given that layout.
 * @param storage how weights are kept; as their parameters say, where it says nothing
 * @throws `compiler/…` with the place in the user's file
 */
export function compile(
  sources: readonly ProgramSource[],
  target: Target = BASE_TARGET,
  given?: WeightLayout,
  storage: StorageOf = (name) => given?.weights[name]?.storage,
  watch: Watch = () => undefined,
): Compiled {
  const changing = new Set(sources.flatMap((s) => [...(s.updates?.keys() ?? [])]));
  if (given !== undefined) checkDerived(changing, given);
  const drafted = sources.map((s) =>
    draft(s, target, (name) => given === undefined || given.weights[name] !== undefined, storage, watch, changing));
  if (given !== undefined) return { programs: drafted.map((d) => finish(d, given, target, watch)), layout: given };
  const derived = new Map(drafted.flatMap((d) => [...d.derived]));
  const load = derived.size === 0
    ? undefined
    : draft({ name: 'load', outputs: Object.fromEntries(derived) }, target, () => false, storage, watch);
  const all = load === undefined ? drafted : [...drafted, load];
  const groups = all.flatMap((d) => d.kernels.map((k) => parametersOf(k, d.nodes, d.overwrites)));
  const layout = layoutWeights(groups, target.bufferBytes, derived);
  const programs = drafted.map((d) => finish(d, layout, target, watch));
  return load === undefined ? { programs, layout } : { programs, layout, load: finish(load, layout, target, watch) };
}

/**
 * The program of one kernel alone, as it is made where it is part of a larger one: what it loads are inputs of the names
 * that its kind gives them (weights in fewer bits are parameters), and what it makes is its output `out`.
 */
export function compileKind(kind: Kind, target: Target): Compiled {
  const all = topological([kind.root]);
  const standIns = new Map(all.flatMap((n): (readonly [string, Node])[] => (n.kind === 'input' ? [[n.key, standIn(n)]] : [])));
  const values = new Map([...standIns].map(([key, n]): [string, string] => [key, n.key])).set(kind.root.key, kind.root.key);
  const reads = new Set([...kind.loads].map((name) => values.get(name) ?? name));
  const computation: Computation = { kind, values, root: kind.root, reads };
  const nodes = new Map(all.map((n) => standIns.get(n.key) ?? n).map((n) => [n.key, n]));
  const [nests] = lower([computation], target.profile, target.schedules);
  const drafted: Drafted = {
    source: { name: 'kernel', outputs: { out: kind.root } }, outputs: [['out', kind.root]], states: [], nodes,
    kernels: [{ computations: [computation], nests }], derived: new Map(), overwrites: new Map(),
  };
  const layout = layoutWeights(drafted.kernels.map((k) => parametersOf(k, nodes, new Map())), target.bufferBytes);
  return { programs: [finish(drafted, layout, target, () => undefined)], layout };
}

/** Lanes read values in fewer bits from weights alone. */
const standIn = (n: InputNode): Node =>
  (n.storage === 'bf16' || n.storage === 'f16' || n.storage === 'int8'
    ? makeParameter(n.name, n.axes, n.dtype, n.origin, n.storage)
    : n);

/** A program as kernels without places in memory. */
export interface Drafted {
  readonly source: ProgramSource;
  readonly outputs: readonly (readonly [string, Node])[];
  readonly states: readonly (readonly [string, Node])[];
  readonly nodes: ReadonlyMap<string, Node>;
  readonly kernels: readonly Draft[];
  /** Weights that a load program must make, by parameter name. */
  readonly derived: ReadonlyMap<string, Node>;
  /** Values that lie in the places of weights. */
  readonly overwrites: Overwrites;
}

/**
 * verify → narrow → split → simplify → hoist → fuse → order → recompute → lower → join updates → merge siblings.
 * @param changing names of weights that programs update, besides those that this one does
 */
export function draft(
  source: ProgramSource,
  target: Target,
  mayDerive: (weight: string) => boolean = () => false,
  storage: StorageOf = () => undefined,
  watch: Watch = () => undefined,
  changing: ReadonlySet<string> = new Set(source.updates?.keys()),
): Drafted {
  const { outputs, states, updates } = rootsOf(source);
  const roots = verify([...outputs, ...states, ...updates].map(([, node]) => node));
  const weights = updatedWeights(new Map(updates), roots, storage, target.bindingBytes);
  const narrowed = narrow(roots, storage, factorsFor(target.profile));
  const given = simplify(splitWeights(narrowed, target.bindingBytes));
  const { roots: staged, derived } = hoist(given, mayDerive, changing);
  const { simple, changes } = owned(staged, outputs.length, states.map(([label]) => label), weights);
  watch('passes');
  const { cells, chains } = target.profile;
  const fused = fuse(simple, {
    maxBuffers: target.storageBuffers, vectors: cells === 'vectors', repeatRows: cells === 'lanes', chains,
  });
  watch('fuse');
  const kept = new Set(simple.slice(0, outputs.length + states.length).map((n) => n.key));
  const made = kernelsOf(fused, { roots: simple, kept, changes, memory: source.memory, target });
  watch('lower');
  return {
    source,
    outputs: outputs.map(([name], i) => [name, simple[i]]),
    states: states.map(([label], i) => [label, simple[outputs.length + i]]),
    derived, ...made,
  };
}

type Named = readonly (readonly [string, Node])[];

/** All that a program computes, by name. A weight that stays as it is is no update. */
function rootsOf({ outputs, states = new Map(), updates = new Map() }: ProgramSource): {
  readonly outputs: Named; readonly states: Named; readonly updates: Named;
} {
  const changed = [...updates].filter(([name, node]) => node.kind !== 'parameter' || node.name !== name);
  return { outputs: Object.entries(outputs), states: [...states], updates: changed };
}

/**
 * Gives every result a value of its own to lie in: what is returned or kept as it was given is copied, and so is a
 * value that two states or weights keep. (`freeze` is the identity that no pass removes.)
 * @param roots outputs, then states, then what is to replace weights
 * @returns the same, and the weight that each value is to replace, by the value's key
 */
function owned(
  roots: readonly Node[], outputs: number, states: readonly string[], weights: readonly ParameterNode[],
): { readonly simple: readonly Node[]; readonly changes: Overwrites } {
  const labels = [...states, ...weights.map((w) => `update:${w.name}`)];
  const kept = new Set<string>();
  const simple = roots.map((node, i) => {
    const isOutput = i < outputs;
    const hasPlace = isLeaf(node) || kept.has(node.key) || (i >= outputs + states.length && !liesAnywhere(node));
    if (!isOutput) kept.add(node.key);
    return hasPlace ? makeFreeze(node, isOutput ? '' : labels[i - outputs], node.origin) : node;
  });
  return { simple, changes: new Map(weights.map((w, i) => [simple[outputs + states.length + i].key, w])) };
}

/** Whether a value may lie in any place: rows that are appended lie with those before, and some integers are short. */
const liesAnywhere = (node: Node): boolean => node.kind !== 'append' && storageOf(node) === 'f32';

/** plan memory → emit. */
function finish(d: Drafted, layout: WeightLayout, target: Target, watch: Watch): Program {
  const sizes = symbolsOf(d.nodes);
  const constants = placeConstants(d.nodes);
  const arena = planArena(lifetimesOf(d));
  const regions = placeAll(d, layout, constants.offsets, arena.offsets);
  const placement: Placement = { nodes: d.nodes, regions };
  const emitted = target.profile.cells === 'vectors'
    ? { encoding: 'wat' as const, ...assembleWasm(d.kernels, placement, sizes, target.profile) }
    : { encoding: 'wgsl' as const, scratchBytes: 0, ...emitWgsl(d.kernels, placement, sizes, target) };
  const { kernels, modules } = emitted;
  watch('emit');
  return {
    format: 4, name: d.source.name, sizes, ...emitted,
    arenaBytes: arena.bytes, constants: constants.blocks, constantBytes: constants.bytes,
    inputs: inputsOf(d, regions),
    outputs: Object.fromEntries(d.outputs.map(([name, node]) => [name, valueOf(node, regions)])),
    states: statesOf(d, regions),
    updates: [...d.overwrites.values()].map((w) => w.name),
    needs: needsOf(d.kernels, kernels, modules, target),
  };
}

/** A module for each kernel, and one for all that are equal. */
function emitWgsl(
  drafts: readonly Draft[], placement: Placement, sizes: readonly ProgramSize[], target: Target,
): { readonly modules: readonly string[]; readonly kernels: readonly Kernel[] } {
  const modules: string[] = [];
  const codes: string[] = [];
  const kernels = drafts.map((k): Kernel => {
    const { kernel, module } = assemble(k, placement, {
      sizes,
      subgroup: target.profile.subgroup,
      unroll: target.profile.unroll,
      maxBindingBytes: target.bindingBytes,
    });
    const known = codes.indexOf(codeOnly(module));
    if (known < 0) {
      modules.push(module);
      codes.push(codeOnly(module));
    }
    checkBindings(kernel, target);
    return { ...kernel, module: known < 0 ? modules.length - 1 : known };
  });
  return { modules, kernels };
}

function checkBindings(kernel: Omit<Kernel, 'module'>, target: Target): void {
  const large = kernel.bindings.find((b) => b.region.bytes > target.bindingBytes);
  if (large === undefined) return;
  throw new RicciError({
    code: 'compiler/binding-size',
    message:
      `The kernel ${kernel.name} binds ${large.region.bytes} bytes of ${large.region.space} ` +
      `"${large.region.buffer}", and the device binds ${target.bindingBytes} at most.`,
    hint: 'Lower the bound of a symbolic size (the context or the batch), or split the parameter.',
    place: kernel.place,
  });
}

function symbolsOf(nodes: ReadonlyMap<string, Node>): readonly ProgramSize[] {
  const found = new Map<string, number>();
  for (const node of nodes.values()) {
    for (const a of node.axes) if (typeof a.size !== 'number') found.set(a.size.symbol, a.size.max);
    if (node.kind === 'reduce' || node.kind === 'dot') collect(node.over.size, found);
  }
  return [...found].map(([name, max]) => ({ name, max })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function collect(size: Size, into: Map<string, number>): void {
  if (typeof size !== 'number') into.set(size.symbol, size.max);
}

function placeConstants(nodes: ReadonlyMap<string, Node>): {
  blocks: readonly ConstantBlock[];
  offsets: ReadonlyMap<string, number>;
  bytes: number;
} {
  const tables = [...nodes.values()].filter((n): n is TableNode => n.kind === 'table');
  const offsets = new Map<string, number>();
  let bytes = 0;
  const blocks = tables.map((t): ConstantBlock => {
    offsets.set(t.key, bytes);
    const block: ConstantBlock = { offset: bytes, words: bitsOf(t) };
    bytes += aligned(bytesOf(t));
    return block;
  });
  return { blocks, offsets, bytes };
}

function bitsOf({ dtype, data, axes }: TableNode): readonly number[] {
  const sizes = axes.map((a) => maxOf(a.size));
  const image = new Float64Array(memoryEntries(sizes));
  walk(sizes, [memoryStrides(sizes)], ([at], linear) => { image[at] = data[linear]; });
  const typed = dtype === 'i32' ? Int32Array.from(image) : Float32Array.from(image);
  return [...new Uint32Array(typed.buffer)];
}

function lifetimesOf(d: Drafted): readonly Lifetime[] {
  const outside = new Set([...[...d.outputs, ...d.states].map(([, node]) => node.key), ...d.overwrites.keys()]);
  return lifetimes(d.kernels.map((k) => k.computations), (key) => outside.has(key));
}

function placeAll(
  d: Drafted, layout: WeightLayout, constants: ReadonlyMap<string, number>, arena: ReadonlyMap<string, number>,
): ReadonlyMap<string, Region> {
  const regions = new Map<string, Region>();
  for (const [key, offset] of arena) {
    const node = d.nodes.get(key);
    if (node !== undefined) regions.set(key, { space: 'arena', buffer: 'arena', offset, bytes: bytesOf(node) });
  }
  const used = new Set(d.kernels.flatMap((k) => k.computations.flatMap((c) => [...c.reads])));
  // A weight that no kernel reads (an argument that its function ignores) has no place.
  for (const node of d.nodes.values()) {
    if (isLeaf(node) && (node.kind !== 'parameter' || used.has(node.key))) {
      regions.set(node.key, leafRegion(node, layout, constants));
    }
  }
  for (const [key, weight] of d.overwrites) regions.set(key, weightRegion(weight, layout));
  for (const [name, node] of d.outputs) {
    if (regions.has(node.key)) continue;
    const weight = layout.weights[name];
    regions.set(node.key, weight?.derived === true
      ? weightPlace(weight)
      : { space: 'output', buffer: name, offset: 0, bytes: bytesOf(node) });
  }
  // A state's place wins over an output's: the output is then read from the state.
  for (const [label, node] of d.states) {
    regions.set(node.key, { space: 'state', buffer: label, offset: 0, bytes: bytesOf(node) });
  }
  return regions;
}

function leafRegion(node: Node, layout: WeightLayout, constants: ReadonlyMap<string, number>): Region {
  const bytes = bytesOf(node);
  if (node.kind === 'parameter') return weightRegion(node, layout);
  if (node.kind === 'table') {
    return { space: 'constants', buffer: 'constants', offset: constants.get(node.key) ?? 0, bytes };
  }
  const name = node.kind === 'input' ? node.name : '';
  const label = stateLabel(name);
  return label === undefined
    ? { space: 'input', buffer: name, offset: 0, bytes }
    : { space: 'state', buffer: label, offset: 0, bytes };
}

const weightPlace = ({ buffer, offset, bytes }: WeightPlace): Region => ({ space: 'weights', buffer, offset, bytes });

function weightRegion(node: ParameterNode, layout: WeightLayout): Region {
  const place = layout.weights[node.name];
  if (place !== undefined) return weightPlace(place);
  throw new RicciError({
    code: 'compiler/weight-unplaced',
    message: `The weight "${node.name}" is not in the layout that this program was given.`,
    hint: 'Compile this program together with those that share its weights.',
    place: node.origin.place,
  });
}

const valueOf = (node: Node, regions: ReadonlyMap<string, Region>): Value => {
  const region = regions.get(node.key);
  if (region === undefined) throw new Error('compile: an output without a place');
  return { region, dtype: node.dtype, axes: node.axes.map((a) => ({ name: a.name, size: a.size })) };
};

function inputsOf(d: Drafted, regions: ReadonlyMap<string, Region>): Readonly<Record<string, Value>> {
  const inputs = [...d.nodes.values()].filter((n) => n.kind === 'input' && stateLabel(n.name) === undefined);
  return Object.fromEntries(inputs.map((n) => [n.kind === 'input' ? n.name : '', valueOf(n, regions)]));
}

/** All states that the program reads or writes. */
function statesOf(d: Drafted, regions: ReadonlyMap<string, Region>): Readonly<Record<string, Value>> {
  const read = [...d.nodes.values()].flatMap((n): (readonly [string, Node])[] => {
    const label = n.kind === 'input' ? stateLabel(n.name) : undefined;
    return label === undefined ? [] : [[label, n]];
  });
  return Object.fromEntries([...read, ...d.states].map(([label, node]) => [label, valueOf(node, regions)]));
}

function needsOf(
  drafts: readonly Draft[], kernels: readonly Kernel[], modules: readonly string[], target: Target,
): Program['needs'] {
  const nests = drafts.flatMap((d) => d.nests);
  return {
    subgroup: modules.some((m) => m.startsWith('enable subgroups') || m.includes('\nenable subgroups'))
      ? target.profile.subgroup
      : undefined,
    storageBuffers: Math.max(0, ...kernels.map((k) => k.bindings.length)),
    bindingBytes: Math.max(0, ...kernels.flatMap((k) => k.bindings.map((b) => b.region.bytes))),
    threads: Math.max(
      target.profile.threads, rowLanes(target.profile), ...nests.map((n) => (n.lanes === 1 ? n.threads : threadsOf(n))),
    ),
  };
}

