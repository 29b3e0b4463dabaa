import { compile } from '../../compiler/compile.ts';
import type { ProgramSource } from '../../compiler/draft.ts';
import type { Target } from '../../compiler/target.ts';
import { encodeAll } from '../../compiler/encode.ts';
import type { StorageOf } from '../../compiler/passes/narrow.ts';
import { weightRows } from '../../compiler/passes/split.ts';
import { stateInput } from '../../compiler/passes/stage.ts';
import type { Dense, Sizes } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import type { Program } from '../../compiler/program.ts';
import type { Node } from '../../dsl/node.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import { CpuDevice, type CpuOptions } from '../../runtime/cpu/cpu-device.ts';
import type { Device } from '../../runtime/device.ts';
import { runOnce } from '../../runtime/run-once.ts';
import { shapeOf } from '../../runtime/sizes.ts';
import { readValue, writeValue } from '../../runtime/transfer.ts';
import { uploadWeights, type ReadWeight } from '../../runtime/weights.ts';
import { openDevice, type WebGpuDevice } from '../../runtime/webgpu/device.ts';

/** The host's own CPU. */
export const openTestCpu = (threads = 1, options: CpuOptions = {}): Promise<Device> =>
  CpuDevice.open({ ...options, threads });

/** The GPU that tests run on. */
export const openTestDevice = (): Promise<WebGpuDevice> => openDevice();

/** A device with some of its parts replaced. */
export const altered = (device: Device, changes: Partial<Device>): Device => ({
  kind: device.kind,
  name: device.name,
  hardware: device.hardware,
  limits: device.limits,
  lost: device.lost,
  get compiled() { return device.compiled; },
  createBuffer: (label, bytes) => device.createBuffer(label, bytes),
  tryCreateBuffer: (label, bytes) => device.tryCreateBuffer(label, bytes),
  write: (buffer, offset, data) => device.write(buffer, offset, data),
  read: (buffer, ranges) => device.read(buffer, ranges),
  open: (program, buffers) => device.open(program, buffers),
  createSampler: (layout) => device.createSampler(layout),
  submit: (work) => device.submit(work),
  settled: () => device.settled(),
  takeErrors: () => device.takeErrors(),
  close: () => device.close(),
  ...changes,
});

/** Compiles and runs a graph once, and gives its outputs back as the interpreter would. */
export const runGraph = (
  device: Device,
  outputs: Readonly<Record<string, Node>>,
  env: Environment,
  target: Target = targetOf(device),
  storage?: StorageOf,
  read?: ReadWeight,
): Promise<Readonly<Record<string, Dense>>> => runSource(device, { name: 'test', outputs }, env, target, storage, read);

/**
 * The same for a program that may read and keep states; those that it reads are inputs of the environment.
 * @param read where weights are read from, if not the environment
 */
export async function runSource(
  device: Device,
  source: ProgramSource,
  env: Environment,
  target: Target = targetOf(device),
  storage?: StorageOf,
  read: ReadWeight = fromEnvironment(env),
): Promise<Readonly<Record<string, Dense>>> {
  const { programs: [program], layout, load } = encodeAll(compile([source], target, undefined, storage));
  const buffers = new BufferSet(device);
  const sizes = env.sizes ?? {};
  // What an earlier run that failed has left behind is not this run's.
  device.takeErrors();
  try {
    await uploadWeights(device, buffers, layout, read);
    if (load !== undefined) await runOnce(device, load, buffers);
    const executable = await device.open(program, buffers);
    writeInputs(device, buffers, program, env, sizes);
    device.submit((commands) => commands.run(executable, sizes));
    const result = await readOutputs(device, buffers, program, sizes);
    executable.destroy();
    const errors = device.takeErrors();
    if (errors.length > 0) throw errors[0];
    return result;
  } finally {
    buffers.destroy();
  }
}

const fromEnvironment = (env: Environment): ReadWeight => (name, from, target) => {
  target.set(weightData(env, name).subarray(from, from + target.length));
  return Promise.resolve();
};

/** A weight, or the rows of one that the compiler split off. */
function weightData(env: Environment, parameter: string): Float32Array {
  const { name, rows } = weightRows(parameter);
  const whole = env.parameters?.[name];
  if (whole === undefined) throw new Error(`no weight ${name}`);
  const perRow = whole.data.length / (whole.sizes[0] ?? 1);
  return Float32Array.from(rows === undefined
    ? whole.data
    : whole.data.subarray(rows.start * perRow, (rows.start + rows.count) * perRow));
}

function writeInputs(device: Device, buffers: BufferSet, program: Program, env: Environment, sizes: Sizes): void {
  const states = Object.entries(program.states).map(([label, value]) => [stateInput(label), value] as const);
  const given = states.filter(([name]) => env.inputs?.[name] !== undefined);
  for (const [name, value] of [...Object.entries(program.inputs), ...given]) {
    const data = env.inputs?.[name]?.data ?? new Float64Array();
    const typed = value.dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data);
    writeValue(device, buffers, name, value, sizes, typed);
  }
}

async function readOutputs(
  device: Device,
  buffers: BufferSet,
  program: Program,
  sizes: Sizes,
): Promise<Readonly<Record<string, Dense>>> {
  const result: Record<string, Dense> = {};
  for (const [name, value] of Object.entries(program.outputs)) {
    const data = await readValue(device, buffers, value, sizes);
    result[name] = {
      names: value.axes.map((a) => a.name), sizes: shapeOf(value, sizes), data: Float64Array.from(data),
    };
  }
  return result;
}
