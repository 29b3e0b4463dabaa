import { compile, type ProgramSource, type Target } from '../../compiler/compile.ts';
import { weightRows } from '../../compiler/passes/split.ts';
import type { Dense, Sizes } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import type { Program } from '../../compiler/program.ts';
import type { Node } from '../../dsl/node.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { BufferSet } from '../../runtime/webgpu/buffers.ts';
import { openDevice, type GpuDevice } from '../../runtime/webgpu/device.ts';
import { Executable, runOnce } from '../../runtime/webgpu/executable.ts';
import { PipelineCache } from '../../runtime/webgpu/pipelines.ts';
import { readValue, shapeOf, writeValue } from '../../runtime/webgpu/transfer.ts';

/** A device with a cache of pipelines, for the tests of one file. */
export interface TestGpu {
  readonly gpu: GpuDevice;
  readonly pipelines: PipelineCache;
  readonly target: Target;
}

export async function openTestGpu(): Promise<TestGpu> {
  const gpu = await openDevice();
  return { gpu, pipelines: new PipelineCache(gpu.device), target: targetOf(gpu) };
}

/** Compiles and runs a graph once, and gives its outputs back as the interpreter would. */
export async function runGraph(
  test: TestGpu,
  outputs: Readonly<Record<string, Node>>,
  env: Environment,
): Promise<Readonly<Record<string, Dense>>> {
  const source: ProgramSource = { name: 'test', outputs };
  const { programs: [program], layout, load } = compile([source], test.target);
  const { device } = test.gpu;
  const buffers = new BufferSet(device);
  const sizes = env.sizes ?? {};
  // What an earlier run that failed has left behind is not this run's.
  test.gpu.takeErrors();
  try {
    for (const b of layout.buffers) buffers.ensure(`weights:${b.name}`, b.bytes);
    for (const [name, place] of Object.entries(layout.weights)) {
      if (place.derived === true) continue;
      device.queue.writeBuffer(buffers.get(`weights:${place.buffer}`), place.offset, weightData(env, name));
    }
    if (load !== undefined) await runOnce(await Executable.open(load, device, buffers, test.pipelines), device, {});
    const exe = await Executable.open(program, device, buffers, test.pipelines);
    writeInputs(device, buffers, program, env, sizes);
    exe.setSizes(sizes);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    exe.encode(pass, sizes);
    pass.end();
    device.queue.submit([encoder.finish()]);
    const result = await readOutputs(device, buffers, program, sizes);
    exe.destroy();
    const errors = test.gpu.takeErrors();
    if (errors.length > 0) throw errors[0];
    return result;
  } finally {
    buffers.destroy();
  }
}

/** A weight, or the rows of one that the compiler split off. */
function weightData(env: Environment, parameter: string): Float32Array<ArrayBuffer> {
  const { name, rows } = weightRows(parameter);
  const whole = env.parameters?.[name];
  if (whole === undefined) throw new Error(`no weight ${name}`);
  const perRow = whole.data.length / (whole.sizes[0] ?? 1);
  return Float32Array.from(rows === undefined
    ? whole.data
    : whole.data.subarray(rows.start * perRow, (rows.start + rows.count) * perRow));
}

function writeInputs(device: GPUDevice, buffers: BufferSet, program: Program, env: Environment, sizes: Sizes): void {
  for (const [name, value] of Object.entries(program.inputs)) {
    const data = env.inputs?.[name]?.data ?? new Float64Array();
    const typed = value.dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data);
    writeValue(device, buffers, name, value, sizes, typed);
  }
}

async function readOutputs(
  device: GPUDevice,
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
