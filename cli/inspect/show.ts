import { showBytes, showFlops, showTable } from '../table.ts';
import type { KernelReport, ProgramReport, Report, TensorReport } from './report.ts';
import { showSeconds } from './seconds.ts';

/** The report as text: what the model is, then each program with its kernels and its memory. */
export function showReport({ config: c, device, operator, timedOn, parameters, weights, programs }: Report): string {
  const code = device === 'webgpu' ? 'pipeline' : 'function';
  const buffers = weights.buffers.map((b) => `${b.name} ${showBytes(b.bytes)}`).join(', ');
  const head = [
    `${c.layers} layers · ${c.heads} heads of ${c.headDim} · width ${c.hiddenSize} · ` +
      `vocabulary ${c.vocabSize} · context ${c.contextLength}`,
    `G ${operator} · ${parameters.toLocaleString('en')} parameters`,
    `weights ${showBytes(weights.bytes)} in ${count(weights.buffers.length, 'buffer')}: ${buffers}`,
    ...(timedOn === null ? [] : [`timed on ${timedOn}`]),
  ];
  return [head.join('\n'), ...Object.entries(programs).map(([name, p]) => showProgram(name, p, code))].join('\n\n');
}

function showProgram(name: string, p: ProgramReport, code: string): string {
  const sizes = Object.entries(p.sizes)
    .map(([size, value]) => `${size} = ${value}`)
    .join(', ');
  const net =
    p.operatorWeights === 0
      ? 'reads no weight of the net that makes G'
      : `reads ${p.operatorWeights} weights of the net that makes G`;
  return [
    `program ${name}, at ${sizes}`,
    `  ${p.dispatches} dispatches, ≤ ${p.dispatchesPerLayer} per layer; ${count(p.pipelines, code)}; ${net}`,
    `  ${showBytes(p.bytesRead)} read, ${showBytes(p.bytesWritten)} written, ${showFlops(p.flops)}`,
    ...(p.time === null ? [] : [`  ${showTimes(p.time, p.kernels)}`]),
    '',
    indent(kernelTable(p.kernels)),
    '',
    indent(memoryPlan(p)),
  ].join('\n');
}

const KERNEL_COLUMNS = [
  { title: '#', right: true },
  { title: 'layer', right: true },
  { title: 'kernel' },
  { title: 'source' },
  { title: 'groups', right: true },
  { title: 'KiB in', right: true },
  { title: 'KiB out', right: true },
  { title: 'MFLOP', right: true },
];
const TIME_COLUMN = { title: 'µs', right: true };
const WEIGHTS_COLUMN = { title: 'weights read' };

function kernelTable(kernels: readonly KernelReport[]): string {
  const timed = kernels.some((k) => k.time !== null);
  return showTable(
    [...KERNEL_COLUMNS, ...(timed ? [TIME_COLUMN] : []), WEIGHTS_COLUMN],
    kernels.map((k, i) => [
      `${i}`,
      k.layer === null ? '-' : `${k.layer}`,
      k.name,
      k.source,
      `${k.workgroups}`,
      kibi(k.bytesRead),
      kibi(k.bytesWritten),
      mega(k.flops),
      ...(timed ? [micro(k.time?.median ?? 0)] : []),
      shortNames(k.reads).join(' '),
    ]),
  );
}

/** Medians: of whole runs, and those of the kernels added up. */
export function showTimes(
  { runs, whole }: NonNullable<ProgramReport['time']>, kernels: readonly KernelReport[],
): string {
  const sum = kernels.reduce((n, k) => n + (k.time?.median ?? 0), 0);
  return `${showSeconds(whole.median)} a run, its kernels together ${showSeconds(sum)}; medians of ${runs} runs`;
}

/** `decoder.dec_layers.3.mha1.wq.weight` and its bias as `mha1.wq`: the layer has a column of its own. */
export function shortNames(parameters: readonly string[]): readonly string[] {
  const short = parameters.map((p) =>
    p.replace(/^decoder\.(dec_layers\.\d+\.)?/, '').replace(/\.(weight|bias)(?=\[|$)/, ''),
  );
  return [...new Set(short)];
}

function memoryPlan(p: ProgramReport): string {
  const total = (tensors: readonly TensorReport[]): string => showBytes(tensors.reduce((n, t) => n + t.bytes, 0));
  const places = p.arena.map(({ offset, bytes, kernels }) => [
    '',
    `at ${offset}`,
    showBytes(bytes),
    `${count(kernels.length, 'kernel')}, ${kernels[0]} to ${kernels[kernels.length - 1]}`,
  ]);
  const rows = (title: string, tensors: readonly TensorReport[]): readonly (readonly string[])[] => [
    [title, '', total(tensors), ''],
    ...byLayer(tensors).map((t) => ['', t.name, showBytes(t.bytes), t.axes]),
  ];
  return showTable(
    [{ title: 'memory' }, { title: '' }, { title: '', right: true }, { title: '' }],
    [
      ['arena', '', showBytes(p.arenaBytes), 'values inside the program'],
      ...places,
      ['constants', '', showBytes(p.constantBytes), ''],
      ...rows('states', p.states),
      ...rows('inputs', p.inputs),
      ...rows('outputs', p.outputs),
    ],
  );
}

/** Tensors that every layer has are shown once. */
function byLayer(tensors: readonly TensorReport[]): readonly TensorReport[] {
  const groups = new Map<string, TensorReport[]>();
  for (const t of tensors) {
    const key = `${t.name.replace(/^layer\d+\./, 'layer*.')} ${t.axes}`;
    groups.set(key, [...(groups.get(key) ?? []), t]);
  }
  return [...groups.values()].map(([first, ...rest]) => {
    if (rest.length === 0) return first;
    return {
      ...first,
      name: first.name.replace(/^layer\d+\./, 'layer*.'),
      axes: `${first.axes} × ${rest.length + 1} layers`,
    };
  });
}

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
const micro = (seconds: number): string => (seconds * 1e6).toFixed(seconds < 1e-4 ? 1 : 0);
const kibi = (bytes: number): string => (bytes / 1024).toFixed(1);
const mega = (flops: number): string => (flops / 1e6).toFixed(flops < 1e7 ? 2 : 0);
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
