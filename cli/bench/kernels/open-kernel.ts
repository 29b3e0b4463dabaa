import { compile, encodeAll } from '../../../compiler/index.ts';
import type { Program, WeightLayout } from '../../../compiler/program.ts';
import { targetOf } from '../../../models/pldr/target.ts';
import { BufferSet, runOnce, uploadWeights, writeValue, type Device, type Executable } from '../../../runtime/index.ts';
import { shapeOf } from '../../../runtime/sizes.ts';
import type { Kernel } from './kernel.ts';
import { MATRIX, numberAt } from './numbers.ts';

/** A kernel on a device, over made-up numbers. */
export interface OpenKernel {
  readonly device: Device;
  readonly kernel: Kernel;
  readonly program: Program;
  readonly layout: WeightLayout;
  readonly buffers: BufferSet;
  readonly executable: Executable;
  close(): void;
}

/** Compiles a kernel and fills its memory. @throws RicciError what compiling, opening and memory throw */
export async function openKernel(device: Device, kernel: Kernel): Promise<OpenKernel> {
  const storage = (name: string) => (name === MATRIX ? kernel.storage : undefined);
  const source = { name: kernel.name, outputs: { out: kernel.out.node } };
  const { programs: [program], layout, load } = encodeAll(compile([source], targetOf(device), undefined, storage));
  const buffers = new BufferSet(device);
  try {
    const number = kernel.numbers ?? numberAt;
    await uploadWeights(device, buffers, layout, async (name, from, target) => {
      for (let i = 0; i < target.length; i++) target[i] = number(name, from + i);
    });
    if (load !== undefined) await runOnce(device, load, buffers);
    const executable = await device.open(program, buffers);
    for (const [name, value] of Object.entries(program.inputs)) {
      const length = shapeOf(value, {}).reduce((n, s) => n * s, 1);
      const data = value.dtype === 'i32' ? new Int32Array(length) : new Float32Array(length);
      for (let i = 0; i < length; i++) data[i] = number(name, i);
      writeValue(device, buffers, name, value, {}, data);
    }
    await device.settled();
    const close = (): void => {
      executable.destroy();
      buffers.destroy();
    };
    return { device, kernel, program, layout, buffers, executable, close };
  } catch (thrown) {
    buffers.destroy();
    throw thrown;
  }
}
