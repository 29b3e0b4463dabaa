import {
  sizeValue,
  workgroups,
  type Kernel,
  type Program,
  type Value,
  type WeightLayout,
} from '../../compiler/program.ts';
import { countParameters, type PldrConfig } from '../../models/pldr/index.ts';
import type { Examined } from './examine.ts';
import type { ProgramTimes, Spread } from './kernel-times.ts';
import { placesIn, type ShowPlace } from './source-place.ts';

/** One kernel with all sizes at their largest. */
export interface KernelReport {
  readonly name: string;
  /** `file:line` of the expression it came from. */
  readonly source: string;
  /** The decoder layer it belongs to; null before the first and after the last. */
  readonly layer: number | null;
  readonly dispatches: number;
  readonly workgroups: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly flops: number;
  /** Names of the weights that it reads. */
  readonly reads: readonly string[];
  /** Seconds that it takes; null where nothing was timed. */
  readonly time: Spread | null;
}

export interface TensorReport {
  readonly name: string;
  readonly axes: string;
  readonly bytes: number;
}

/** A place in the arena, which values that live at different times share. */
export interface ArenaPlace {
  readonly offset: number;
  readonly bytes: number;
  /** Kernels that read or write there. */
  readonly kernels: readonly number[];
}

export interface ProgramReport {
  /** Symbolic sizes at which everything is counted. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly dispatches: number;
  /** In the layer that has most. */
  readonly dispatchesPerLayer: number;
  /** Distinct WGSL modules, or functions of a WebAssembly module: kernels of different layers share them. */
  readonly pipelines: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly flops: number;
  /** Seconds of a whole run, and how many were timed; null where none was. */
  readonly time: { readonly runs: number; readonly whole: Spread } | null;
  /** Weights of the net that makes G, as far as the program reads them. */
  readonly operatorWeights: number;
  readonly arenaBytes: number;
  readonly arena: readonly ArenaPlace[];
  readonly constantBytes: number;
  readonly states: readonly TensorReport[];
  readonly inputs: readonly TensorReport[];
  readonly outputs: readonly TensorReport[];
  readonly kernels: readonly KernelReport[];
}

export interface Report {
  readonly config: PldrConfig;
  /** What the programs are compiled for. */
  readonly device: 'webgpu' | 'cpu';
  /** The device that timed them; null where nothing was timed. */
  readonly timedOn: string | null;
  /** Where G comes from, in words. */
  readonly operator: string;
  readonly parameters: number;
  readonly weights: { readonly bytes: number; readonly buffers: WeightLayout['buffers'] };
  readonly programs: Readonly<Record<string, ProgramReport>>;
}

/** Times of each program by its name, and the readable name of the device that took them. */
export interface Timing {
  readonly device: string;
  readonly programs: Readonly<Record<string, ProgramTimes>>;
}

const operatorOf = ({ customG }: PldrConfig): string => (customG === null ? 'learned from the queries' : customG);

/** @param folders paths of sources are shown relative to these */
export function reportOf(
  { config, variant, programs, layout }: Examined, folders: readonly string[], timing?: Timing,
): Report {
  const showPlace = placesIn(folders);
  return {
    config,
    device: programs[0].encoding === 'wgsl' ? 'webgpu' : 'cpu',
    operator: variant === undefined ? operatorOf(config) : 'made by the variant',
    parameters: countParameters(config, variant),
    weights: { bytes: layout.buffers.reduce((n, b) => n + b.bytes, 0), buffers: layout.buffers },
    timedOn: timing?.device ?? null,
    programs: Object.fromEntries(programs.map((p) => [p.name, programReport(p, showPlace, timing?.programs[p.name])])),
  };
}

function programReport(program: Program, showPlace: ShowPlace, times: ProgramTimes | undefined): ProgramReport {
  const sizes = Object.fromEntries(program.sizes.map((s) => [s.name, s.max]));
  const layers = layersOf(program.kernels);
  const kernels = program.kernels.map((k, i) =>
    ({ ...kernelReport(k, layers[i], sizes, showPlace), time: times?.kernels[i] ?? null }));
  const total = (count: (k: KernelReport) => number): number => kernels.reduce((n, k) => n + count(k), 0);
  return {
    sizes,
    dispatches: total((k) => k.dispatches),
    dispatchesPerLayer: Math.max(
      0,
      ...[...new Set(layers)].map((l) => (l === null ? 0 : total((k) => (k.layer === l ? k.dispatches : 0)))),
    ),
    pipelines: new Set(program.kernels.map((k) => k.module)).size,
    bytesRead: total((k) => k.bytesRead),
    bytesWritten: total((k) => k.bytesWritten),
    flops: total((k) => k.flops),
    time: times === undefined ? null : { runs: times.runs, whole: times.whole },
    operatorWeights: new Set(kernels.flatMap((k) => k.reads.filter(makesG))).size,
    arenaBytes: program.arenaBytes,
    arena: arenaOf(program),
    constantBytes: program.constantBytes,
    states: tensors(program.states),
    inputs: tensors(program.inputs),
    outputs: tensors(program.outputs),
    kernels,
  };
}

function kernelReport(
  kernel: Kernel,
  layer: number | null,
  sizes: Readonly<Record<string, number>>,
  showPlace: ShowPlace,
): Omit<KernelReport, 'time'> {
  const { flops, bytesRead, bytesWritten, parameters } = kernel.cost;
  const source = showPlace(kernel.place);
  return {
    name: kernel.name,
    source,
    layer,
    dispatches: 1,
    workgroups: workgroups(kernel, sizes),
    bytesRead,
    bytesWritten,
    flops,
    reads: parameters,
  };
}

/** Whether a weight belongs to the net that makes G out of the density matrix. */
const makesG = (name: string): boolean => /\.mha1\.(layernorm1|reslayerAs|plgatt_layer)\./.test(name);

/**
 * A kernel belongs to the last layer whose weights or states it touches (the norm that ends a layer may be computed where
 * the next one reads it); one that touches none goes with the one before.
 */
function layersOf(kernels: readonly Kernel[]): readonly (number | null)[] {
  let current: number | null = null;
  return kernels.map((k) => {
    const names = [
      ...k.cost.parameters,
      ...k.bindings.flatMap((b) => (b.region.space === 'state' ? [b.region.buffer] : [])),
    ];
    if (k.cost.parameters.some((p) => p.startsWith('final_layer.'))) return null;
    const layers = names.flatMap((n) => /(?:^layer|\.dec_layers\.)(\d+)\./.exec(n)?.slice(1).map(Number) ?? []);
    if (layers.length > 0) current = Math.max(...layers);
    return current;
  });
}

function arenaOf(program: Program): readonly ArenaPlace[] {
  const places = new Map<string, { offset: number; bytes: number; kernels: number[] }>();
  program.kernels.forEach((k, i) => {
    for (const { region } of k.bindings.filter((b) => b.region.space === 'arena')) {
      const key = `${region.offset}+${region.bytes}`;
      const place = places.get(key) ?? { offset: region.offset, bytes: region.bytes, kernels: [] };
      if (!place.kernels.includes(i)) place.kernels.push(i);
      places.set(key, place);
    }
  });
  return [...places.values()].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes);
}

const tensors = (values: Readonly<Record<string, Value>>): readonly TensorReport[] =>
  Object.entries(values).map(([name, v]) => {
    const axes = v.axes.map((a) => `${a.name} ${typeof a.size === 'number' ? '' : '≤ '}${sizeValue(a.size, {})}`);
    return { name, axes: `[${axes.join(', ')}]`, bytes: v.region.bytes };
  });
