import { showAxes } from '../dsl/axis.ts';
import { RicciError, showPlace } from '../dsl/errors.ts';
import type { Node, ParameterNode } from '../dsl/node.ts';
import { moduleText, type BindingText } from './emit/wgsl/module.ts';
import type { Slot, Width } from './emit/wgsl/slots.ts';
import { wordsOfFour } from './emit/wgsl/storages.ts';
import { declarable } from './emit/wgsl/words.ts';
import { storageOf } from './fuse/cost.ts';
import type { Draft } from './fuse/siblings.ts';
import type { Expr, VarExpr } from './expr/expr.ts';
import type { BoundNest, LoopNest, Stmt } from './loop/ir.ts';
import { workgroupThreads } from './loop/workgroup.ts';
import { loadsVector } from './lower/common.ts';
import { loadedByFours, loadsIn } from './fuse/strides.ts';
import { STORED_BYTES, type Binding, type GridPart, type Kernel, type ProgramSize, type Region } from './program.ts';
import { costOf } from './cost.ts';
import type { Overwrites } from './passes/updates.ts';

/** What a kernel's values are, and where they lie. */
export interface Placement {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly regions: ReadonlyMap<string, Region>;
}

export interface AssembleOptions {
  readonly sizes: readonly ProgramSize[];
  readonly subgroup: number | undefined;
  readonly unroll: boolean;
  readonly maxBindingBytes: number;
}

/** Values that one binding covers: neighbours in one buffer, with the entry (of its own size) at which each starts. */
interface Group {
  readonly region: Region;
  readonly members: readonly { readonly key: string; readonly offset: number }[];
  readonly access: 'read' | 'write';
  readonly width: Width;
}

/** Chooses bindings, writes the module and states the cost of one dispatch. */
export function assemble(
  draft: Draft,
  placement: Placement,
  options: AssembleOptions,
): { kernel: Omit<Kernel, 'module'>; module: string } {
  const written = new Set(draft.computations.map((c) => c.root.key));
  const reads = [...new Set(draft.computations.flatMap((c) => [...c.reads]))].filter((k) => !written.has(k));
  const { read: wide, stored } = wideBuffers(draft.nests);
  const widthOf = (key: string): Width => (wide.has(key) ? wordsOfFour(storageOf(nodeOf(key, placement))) : 1);
  const storedWidth = (key: string): Width => (stored.has(key) ? 4 : 1);
  const isWeight = (key: string): boolean => regionOf(key, placement).space === 'weights';
  const updated = updatedWeights([...written].filter(isWeight), reads, placement, storedWidth);
  const together = new Set(updated.flatMap((g) => g.members.map((m) => m.key)));
  const groups = [
    ...groupReads(reads.filter((key) => !together.has(key)), placement, widthOf, options.maxBindingBytes),
    ...[...written].filter((key) => !together.has(key)).map((key): Group => ({
      region: regionOf(key, placement), members: [{ key, offset: 0 }], access: 'write', width: storedWidth(key),
    })),
    ...updated,
  ];
  [...reads, ...written].forEach((key) => checkStorage(nodeOf(key, placement)));
  const names = new Names();
  const slots = new Map<string, Slot>();
  // WebGPU knows one use of a buffer in a dispatch: next to a write, its other ranges are bound for writing too.
  const writesWeights = groups.some((g) => g.access === 'write' && g.region.space === 'weights');
  const shared = (r: Region): boolean => r.space === 'arena' || (writesWeights && r.space === 'weights');
  const bindings = groups.map((g): BindingText => {
    const first = nodeOf(g.members[0].key, placement);
    const variable = names.unique(g.members.length > 1 ? 'weights' : stem(first));
    const bits = g.members.some((m) => storageOf(nodeOf(m.key, placement)) !== 'f32');
    for (const { key, offset } of g.members) {
      const node = nodeOf(key, placement);
      slots.set(key, { variable, offset, width: g.width, type: node.dtype, storage: storageOf(node), bits });
    }
    return {
      variable,
      access: shared(g.region) ? 'write' : g.access,
      type: bits ? 'u32' : first.dtype,
      width: g.width,
      comment: commentOf(g, placement),
    };
  });
  const place = draft.computations[0].root.origin.place;
  const title = place === undefined
    ? draft.nests[0].name
    : `${draft.nests[0].name}: ${showPlace({ ...place, file: shortFile(place.file) })}`;
  const threads = workgroupThreads(draft.nests);
  const module = moduleText({
    title, sizes: options.sizes, nests: draft.nests, bindings, slots,
    subgroup: options.subgroup, threads, unroll: options.unroll,
  });
  const kernel: Omit<Kernel, 'module'> = {
    name: draft.nests[0].name, place,
    bindings: groups.map((g, i): Binding => ({ region: g.region, access: bindings[i].access })),
    parts: draft.nests.map((n) => gridPart(n, threads)),
    cost: costOf(draft, placement.nodes),
  };
  return { kernel, module };
}

/** Threads write whole words, so that nothing but weights, which the host writes, is kept in fewer bits. */
function checkStorage(node: Node): void {
  const storage = storageOf(node);
  if (storage === 'f32' || node.kind === 'parameter') return;
  throw new RicciError({
    code: 'compiler/storage',
    message: `A value that is computed is to be kept as ${storage}, and kernels for WebGPU write f32 and i32 only.`,
    hint: 'Compile the graph for the CPU.',
    place: node.origin.place,
  });
}

export const shortFile = (file: string): string => file.split(/[\\/]/).slice(-3).join('/');

function regionOf(key: string, p: Placement): Region {
  const region = p.regions.get(key);
  if (region === undefined) throw new Error(`assemble: ${p.nodes.get(key)?.kind ?? 'a value'} has no place`);
  return region;
}

function nodeOf(key: string, p: Placement): Node {
  const node = p.nodes.get(key);
  if (node === undefined) throw new Error('assemble: an unknown value');
  return node;
}

/** Weights and constants that lie side by side share a binding; everything else has its own. */
function groupReads(
  keys: readonly string[], p: Placement, widthOf: (key: string) => Width, limit: number,
): readonly Group[] {
  const groups: Group[] = [];
  const packed = keys.filter((k) => isPacked(regionOf(k, p)) && nodeOf(k, p).dtype === 'f32');
  const order = [...packed].sort((a, b) => compareRegions(regionOf(a, p), regionOf(b, p)));
  for (const key of order) {
    const r = regionOf(key, p);
    const last = groups.at(-1);
    const end = last === undefined ? 0 : last.region.offset + last.region.bytes;
    const adjacent = last !== undefined && last.region.buffer === r.buffer && last.region.space === r.space
      && r.offset - end < 256;
    const bytes = last === undefined ? 0 : r.offset + r.bytes - last.region.offset;
    if (last !== undefined && adjacent && bytes <= limit) {
      groups[groups.length - 1] = grow(last, nodeOf(key, p), r, bytes, widthOf(key));
    } else {
      groups.push(single(key, r, widthOf(key)));
    }
  }
  return [...groups, ...keys.filter((k) => !packed.includes(k)).map((k) => single(k, regionOf(k, p), widthOf(k)))];
}

/**
 * Weights that a kernel replaces, each in one binding with its old value: WebGPU allows no two of one place where one
 * is written. An array's elements are as wide as what is stored.
 */
function updatedWeights(
  written: readonly string[], reads: readonly string[], p: Placement, widthOf: (key: string) => Width,
): readonly Group[] {
  const old = new Map(reads.map((key) => [placeKey(regionOf(key, p)), key]));
  return written.map((key): Group => {
    const region = regionOf(key, p);
    const own = old.get(placeKey(region));
    const members = [...(own === undefined ? [] : [own]), key].map((k) => ({ key: k, offset: 0 }));
    return { region, members, access: 'write', width: widthOf(key) };
  });
}

const placeKey = ({ space, buffer, offset }: Region): string => `${space} ${buffer} ${offset}`;

const single = (key: string, region: Region, width: Width): Group =>
  ({ region, members: [{ key, offset: 0 }], access: 'read', width });

const grow = (g: Group, node: Node, r: Region, bytes: number, width: Width): Group => ({
  ...g, region: { ...g.region, bytes }, width: width > g.width ? width : g.width,
  members: [...g.members, { key: node.key, offset: (r.offset - g.region.offset) / STORED_BYTES[storageOf(node)] }],
});

const isPacked = (r: Region): boolean => r.space === 'weights' || r.space === 'constants';

const compareRegions = (a: Region, b: Region): number =>
  (a.space < b.space ? -1
    : a.space > b.space ? 1
    : a.buffer < b.buffer ? -1
    : a.buffer > b.buffer ? 1
    : a.offset - b.offset);

/** Buffers of which some load takes four elements at once, and those that are stored in fours and never else. */
function wideBuffers(nests: readonly BoundNest[]): {
  readonly read: ReadonlySet<string>; readonly stored: ReadonlySet<string>;
} {
  const uses = nests.flatMap((n) => n.body.flatMap((s) => usesIn(s)).flatMap((u) => {
    // What a nest keeps for itself is no stored value.
    const key = n.values.get(u.buffer);
    return key === undefined ? [] : [{ ...u, key }];
  }));
  const keysOf = (kind: Use['kind'], fours: boolean): ReadonlySet<string> =>
    new Set(uses.filter((u) => u.kind === kind && u.fours === fours).map((u) => u.key));
  const single = keysOf('store', false);
  return { read: keysOf('load', true), stored: new Set([...keysOf('store', true)].filter((key) => !single.has(key))) };
}

/** A load or a store, of one entry or of four. */
interface Use { readonly buffer: string; readonly kind: 'load' | 'store'; readonly fours: boolean }

/** @param wide the variable of the loop around, where it is taken four at a time */
function usesIn(s: Stmt, wide?: VarExpr): readonly Use[] {
  const loads = (e: Expr, v: VarExpr | undefined): readonly Use[] => loadsIn(e).map((l) =>
    ({ buffer: l.buffer, kind: 'load', fours: v !== undefined && l.type === 'f32' && loadsVector(l.index, v) }));
  switch (s.kind) {
    case 'loop': return s.body.flatMap((x) => usesIn(x, s.loop.vector === 4 ? s.loop.v : wide));
    case 'guard': return s.body.flatMap((x) => usesIn(x, wide));
    case 'fold': {
      const v = s.loop.vector === 4 ? s.loop.v : undefined;
      const values = [...s.totals, ...(s.spreads ?? [])].map((t) => t.value);
      const neighbours = [...loadedByFours(values)].map((buffer): Use => ({ buffer, kind: 'load', fours: true }));
      return [...values.flatMap((e) => loads(e, v)), ...neighbours];
    }
    case 'store': {
      const fours = wide !== undefined && s.index.free.has(wide.name);
      return [{ buffer: s.buffer, kind: 'store', fours }, ...loads(s.value, wide)];
    }
    default: return [];
  }
}

/** Names that do not depend on the layer, so that equal kernels of different layers have equal text. */
class Names {
  readonly #taken = new Map<string, number>();

  unique(stem_: string): string {
    const n = (this.#taken.get(stem_) ?? 0) + 1;
    this.#taken.set(stem_, n);
    return n === 1 ? stem_ : `${stem_}${n}`;
  }
}

function stem(node: Node): string {
  const named = node.kind === 'parameter' || node.kind === 'input' ? node.name : undefined;
  if (named === undefined) return node.kind === 'table' ? 'constants' : 'x';
  const parts = named.split(/[^A-Za-z0-9_]+/).filter((s) => !/^\d*$/.test(s));
  const text = parts.slice(-2).join('_').replace(/\d+/g, '').replace(/^_+|_+$/g, '');
  return text === '' || text === 'x' ? `in_${text}` : declarable(text);
}

const commentOf = (g: Group, p: Placement): string => g.members.map((m) => {
  const node = nodeOf(m.key, p);
  const at = m.offset === 0 ? '' : ` from ${m.offset}`;
  return `${node.kind === 'parameter' ? stem(node) : node.kind} ${showAxes(node.axes)}${at}`;
}).join('; ');

/** Cells of a nest, and how many of them a workgroup (or a call) takes. */
export function gridPart(n: LoopNest, threads: number): GridPart {
  return {
    dims: n.grid.map((d) => ({
      size: d.extent.kind === 'size' ? { symbol: d.extent.name, max: d.extent.max }
        : d.extent.kind === 'const' ? d.extent.value
        : 1,
      step: d.step,
    })),
    perGroup: n.lanes === 1 ? threads : 1,
  };
}

/** The weights that a kernel reads, and those that it overwrites. */
export const parametersOf = (
  d: Draft, nodes: ReadonlyMap<string, Node>, overwrites: Overwrites,
): readonly ParameterNode[] =>
  d.computations
    .flatMap((c) => [...[...c.reads].map((k) => nodes.get(k)), overwrites.get(c.root.key)])
    .filter((n): n is ParameterNode => n?.kind === 'parameter');
