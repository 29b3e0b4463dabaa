import { encode } from '../../compiler/encode.ts';
import type { Program, WeightLayout } from '../../compiler/program.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import type { Device, Executable } from '../../runtime/device.ts';
import { shapeOf, type RunSizes } from '../../runtime/sizes.ts';
import { writeValue } from '../../runtime/transfer.ts';
import { uploadWeights } from '../../runtime/weights.ts';

/** Seconds over repeated runs. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** A program's times at the largest sizes. */
export interface ProgramTimes {
  readonly runs: number;
  /** From a submit until the device is idle, without any clock inside. */
  readonly whole: Spread;
  readonly kernels: readonly Spread[];
}

/** Measuring ends when a program has run for so long … */
const SECONDS = 2;
/** … but no sooner, and no later, than after so many runs. */
const RUNS = { least: 3, most: 100 };
/** Runs before any is counted: caches fill, clocks rise, drivers finish what they compile. */
const WARM_UP = 1;

/**
 * Times every kernel where it stands: a program runs as it is, in order and over all of its weights, so that each
 * kernel finds in caches what it would find there. Runs alternate between whole submits and runs with a clock. Numbers
 * are made up, for no kernel's time depends on them.
 * @throws RicciError `runtime/no-timestamps`, `device/out-of-memory`, and what the device reports
 */
export async function timePrograms(
  device: Device, programs: readonly Program[], layout: WeightLayout, now: () => number,
): Promise<Readonly<Record<string, ProgramTimes>>> {
  const weights = new BufferSet(device);
  try {
    await uploadMadeUp(device, weights, layout);
    const times: Record<string, ProgramTimes> = {};
    for (const p of programs) times[p.name] = await timeProgram(device, encode(p), weights, now);
    return times;
  } finally {
    weights.destroy();
  }
}

async function timeProgram(
  device: Device, program: Program, weights: BufferSet, now: () => number,
): Promise<ProgramTimes> {
  const buffers = weights.share('weights:');
  const executable = await device.open(program, buffers);
  try {
    const sizes = Object.fromEntries(program.sizes.map((s) => [s.name, s.max]));
    fillInputs(device, buffers, program, sizes);
    return await repeated(device, executable, sizes, now);
  } finally {
    executable.destroy();
    buffers.destroy();
  }
}

async function repeated(
  device: Device, executable: Executable, sizes: RunSizes, now: () => number,
): Promise<ProgramTimes> {
  const whole: number[] = [];
  const kernels: (readonly number[])[] = [];
  const until = now() + 1000 * SECONDS;
  for (let run = 0; run < WARM_UP + RUNS.least || (now() < until && run < WARM_UP + RUNS.most); run++) {
    const started = now();
    device.submit((commands) => commands.run(executable, sizes));
    await device.settled();
    const ended = now();
    const each = await executable.time(sizes);
    const [error] = device.takeErrors();
    if (error !== undefined) throw error;
    if (run < WARM_UP) continue;
    whole.push((ended - started) / 1000);
    kernels.push(each);
  }
  return {
    runs: kernels.length,
    whole: spread(whole),
    kernels: executable.program.kernels.map((_, k) => spread(kernels.map((times) => times[k]))),
  };
}

/** Of an even number of values, the median is the lower of the two in the middle. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[(sorted.length - 1) >> 1], least: sorted[0], most: sorted[sorted.length - 1] };
}

/** Every position counts and is seen; tokens, positions and places in caches are the first. */
export function fillInputs(device: Device, buffers: BufferSet, program: Program, sizes: RunSizes): void {
  for (const [name, value] of Object.entries(program.inputs)) {
    const entries = shapeOf(value, sizes).reduce((n, s) => n * s, 1);
    const data = value.dtype === 'i32' ? new Int32Array(entries) : new Float32Array(entries).fill(1);
    writeValue(device, buffers, name, value, sizes, data);
  }
}

/** Fills the weights of a layout with made-up numbers. @throws RicciError `device/out-of-memory` */
export const uploadMadeUp = (device: Device, weights: BufferSet, layout: WeightLayout): Promise<void> =>
  uploadWeights(device, weights, layout, madeUp());

/** Numbers of a usual size: neither zeros nor what underflows, which some processors compute otherwise. */
function madeUp(): (weight: string, from: number, target: Float32Array) => Promise<void> {
  return async (weight, from, target) => {
    if (/layernorm\w*\.weight$/.test(weight)) target.fill(1);
    else for (let i = 0; i < target.length; i++) target[i] = (((from + i) * 7919) % 1009) / 10090 - 0.05;
  };
}
