import { compile, type ProgramSource, type Target } from '../../compiler/compile.ts';
import { encodeAll } from '../../compiler/encode.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import type { Device } from '../../runtime/device.ts';
import { readWeight } from '../../runtime/read-weight.ts';
import { readValue, writeValue } from '../../runtime/transfer.ts';
import { uploadWeights } from '../../runtime/weights.ts';
import { firstOutside } from './bound/compare.ts';
import { interpretWithBounds } from './bound/graph.ts';

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
  const given = env.parameters ?? {};
  device.takeErrors();
  try {
    await uploadWeights(device, buffers, layout, (name, from, to) => {
      to.set(given[name].data.subarray(from, from + to.length));
      return Promise.resolve();
    });
    const weights = async (): Promise<Record<string, Dense>> => Object.fromEntries(await Promise.all(
      Object.entries(given).map(async ([name, was]) => [name, layout.weights[name] === undefined ? was
        : { ...was, data: Float64Array.from(await readWeight(device, buffers, layout, name)) }])));
    const executable = await device.open(program, buffers);
    for (const [name, value] of Object.entries(program.inputs)) {
      writeValue(device, buffers, name, value, {}, Float32Array.from(env.inputs?.[name].data ?? []));
    }
    let before = await weights();
    for (let step = 0; step < steps; step++) {
      device.submit((commands) => commands.run(executable, {}));
      const after = await weights();
      const outputs = await Promise.all(Object.values(program.outputs).map(async (value): Promise<Dense> => ({
        names: value.axes.map((a) => a.name), sizes: value.axes.map((a) => Number(a.size)),
        data: Float64Array.from(await readValue(device, buffers, value, {})),
      })));
      const roots = [...Object.values(source.outputs), ...source.updates.values()];
      const expected = interpretWithBounds(roots, { ...env, parameters: before });
      const got = [...outputs, ...[...source.updates.keys()].map((name) => after[name])];
      const names = [...Object.keys(program.outputs), ...source.updates.keys()];
      const wrong = got.map((g, i) => firstOutside(`${names[i]} after run ${step}`, g, expected[i])).find((d) => d !== undefined);
      if (wrong !== undefined) return wrong;
      before = after;
    }
    const errors = device.takeErrors();
    return errors.length > 0 ? errors[0].message : undefined;
  } finally {
    buffers.destroy();
  }
}
