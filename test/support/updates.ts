import { compile } from '../../compiler/compile.ts';
import type { ProgramSource } from '../../compiler/draft.ts';
import type { Target } from '../../compiler/target.ts';
import { encodeAll } from '../../compiler/encode.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import type { Program, WeightLayout } from '../../compiler/program.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { bufferKey, BufferSet } from '../../runtime/buffers.ts';
import type { Device } from '../../runtime/device.ts';
import { readWeight } from '../../runtime/read-weight.ts';
import { readValue, writeValue } from '../../runtime/transfer.ts';
import { uploadWeights } from '../../runtime/weights.ts';
import { firstOutside } from './bound/compare.ts';
import { interpretWithBounds } from './bound/graph.ts';

type Weights = Readonly<Record<string, Dense>>;

/**
 * Runs a program that updates weights so many times, and compares what each run returns and leaves in the weights with
 * what the interpreter makes of the weights before that run. @returns the first difference, in words
 */
export async function updatesDiffer(
  device: Device, source: Required<Pick<ProgramSource, 'outputs' | 'updates'>>, env: Environment, steps: number,
  target: Target = targetOf(device),
): Promise<string | undefined> {
  const { programs: [program], layout } = encodeAll(compile([{ name: 'test', ...source }], target));
  const buffers = new BufferSet(device);
  device.takeErrors();
  try {
    await fill(device, buffers, program, layout, env);
    const executable = await device.open(program, buffers);
    let before = await weightsIn(device, buffers, layout, env);
    for (let step = 0; step < steps; step++) {
      device.submit((commands) => commands.run(executable, {}));
      const after = await weightsIn(device, buffers, layout, env);
      const returned = await outputsOf(device, buffers, program);
      const roots = [...Object.values(source.outputs), ...source.updates.values()];
      const expected = interpretWithBounds(roots, { ...env, parameters: before });
      const got = [...returned, ...[...source.updates.keys()].map((name) => [name, after[name]] as const)];
      const wrong = got.flatMap(([name, x], i) => firstOutside(`${name} after run ${step}`, x, expected[i]) ?? []);
      if (wrong.length > 0) return wrong[0];
      before = after;
    }
    return device.takeErrors().at(0)?.message;
  } finally {
    buffers.destroy();
  }
}

/** Loads weights and inputs. */
async function fill(
  device: Device, buffers: BufferSet, program: Program, layout: WeightLayout,
  { parameters = {}, inputs = {} }: Environment,
): Promise<void> {
  await uploadWeights(device, buffers, layout, (name, from, to) => {
    to.set(parameters[name].data.subarray(from, from + to.length));
    return Promise.resolve();
  });
  for (const [name, value] of Object.entries(program.inputs)) {
    buffers.ensure(bufferKey(value.region), value.region.bytes);
    writeValue(device, buffers, name, value, {}, Float32Array.from(inputs[name].data));
  }
}

/** All weights that were given, as they are now; those that the program has no place for stay as they were. */
async function weightsIn(
  device: Device, buffers: BufferSet, layout: WeightLayout, { parameters = {} }: Environment,
): Promise<Weights> {
  const read = async (name: string, was: Dense): Promise<Dense> => (layout.weights[name] === undefined ? was
    : { ...was, data: Float64Array.from(await readWeight(device, buffers, layout, name)) });
  return Object.fromEntries(await Promise.all(
    Object.entries(parameters).map(async ([name, was]) => [name, await read(name, was)] as const)));
}

const outputsOf = (
  device: Device, buffers: BufferSet, { outputs }: Program,
): Promise<readonly (readonly [string, Dense])[]> =>
  Promise.all(Object.entries(outputs).map(async ([name, value]) => [name, {
    names: value.axes.map((a) => a.name), sizes: value.axes.map((a) => Number(a.size)),
    data: Float64Array.from(await readValue(device, buffers, value, {})),
  }] as const));
