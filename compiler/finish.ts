import type { Size } from '../dsl/axis.ts';
import { RicciError } from '../dsl/errors.ts';
import type { Node } from '../dsl/node.ts';
import { assembleWasm } from './assemble-wasm.ts';
import { assemble, type Placement } from './assemble.ts';
import type { Drafted, Watch } from './draft.ts';
import type { Draft } from './fuse/siblings.ts';
import { rowLanes } from './loop/schedule.ts';
import { threadsOf } from './loop/workgroup.ts';
import { planArena, type Lifetime } from './plan/arena.ts';
import { placeConstants } from './plan/constants.ts';
import { lifetimes } from './plan/lifetimes.ts';
import { codeOnly, type Kernel, type Program, type ProgramSize, type WeightLayout } from './program.ts';
import { inputsOf, placeAll, statesOf, valueOf } from './regions.ts';
import type { Target } from './target.ts';

/** plan memory → emit. @throws `compiler/binding-size`, `compiler/weight-unplaced` */
export function finish(d: Drafted, layout: WeightLayout, target: Target, watch: Watch): Program {
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

/** Values that stay inside. */
function lifetimesOf(d: Drafted): readonly Lifetime[] {
  const outside = new Set([...[...d.outputs, ...d.states].map(([, node]) => node.key), ...d.overwrites.keys()]);
  return lifetimes(d.kernels.map((k) => k.computations), (key) => outside.has(key));
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
