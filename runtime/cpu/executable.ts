import { workgroups, type Kernel, type Program, type Region } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/errors.ts';
import { bufferKey, ensureBuffers, type BufferSet } from '../buffers.ts';
import type { Executable } from '../device.ts';
import { sizesInOrder, type RunSizes } from '../sizes.ts';
import { cpuBuffer, outOfMemory, type CpuBuffer, type CpuMemory } from './memory.ts';
import { kernelOf } from './module.ts';

/** A kernel with the addresses that it is run on. */
interface Step {
  readonly kernel: Kernel;
  readonly run: (...args: readonly number[]) => void;
  readonly pointers: readonly number[];
}

/** A program in memory: its functions, and where each finds its values. */
export class CpuExecutable implements Executable {
  readonly program: Program;
  readonly #memory: CpuMemory;
  readonly #steps: readonly Step[];
  readonly #sizes: CpuBuffer;
  readonly #scratch: CpuBuffer;
  readonly #constants: CpuBuffer;

  /** @throws RicciError `runtime/needs`, `runtime/no-buffer`, `device/out-of-memory` */
  constructor(memory: CpuMemory, program: Program, instance: WebAssembly.Instance, buffers: BufferSet) {
    this.program = program;
    this.#memory = memory;
    ensureBuffers(program, buffers);
    this.#sizes = allocated(memory, `${program.name}: sizes`, 4 * (program.sizes.length + 1));
    this.#scratch = allocated(memory, `${program.name}: scratch`, program.scratchBytes);
    this.#constants = allocated(memory, `${program.name}: constants`, program.constantBytes);
    for (const c of program.constants) {
      new Uint32Array(memory.wasm.buffer, this.#constants.address + c.offset, c.words.length).set(c.words);
    }
    this.#steps = program.kernels.map((kernel) => ({
      kernel,
      run: kernelOf(instance, kernel.module),
      pointers: kernel.bindings.map((b) => this.#address(b.region, buffers)),
    }));
  }

  /** Runs all kernels in order, in this thread. @throws RicciError `runtime/size` */
  run(sizes: RunSizes): void {
    const words = [1, ...sizesInOrder(this.program, sizes)];
    new Int32Array(this.#memory.wasm.buffer, this.#sizes.address, words.length).set(words);
    for (const { kernel, run, pointers } of this.#steps) {
      run(this.#sizes.address, this.#scratch.address, 0, workgroups(kernel, sizes), ...pointers);
    }
  }

  destroy(): void {
    for (const b of [this.#sizes, this.#scratch, this.#constants]) b.destroy();
  }

  #address(region: Region, buffers: BufferSet): number {
    const whole = region.space === 'constants' ? this.#constants : cpuBuffer(buffers.get(bufferKey(region)));
    return whole.address + region.offset;
  }
}

function allocated(memory: CpuMemory, label: string, bytes: number): CpuBuffer {
  const made = memory.allocate(label, bytes);
  if (made === undefined) throw outOfMemory(label, bytes);
  return made;
}

/** @throws RicciError `runtime/needs` for a program that was compiled for another kind of device */
export function checkEncoding(program: Program): void {
  if (program.encoding === 'wasm') return;
  throw new RicciError({
    code: 'runtime/needs',
    message: `The program "${program.name}" is ${program.encoding}, and a CPU runs WebAssembly.`,
    hint: program.encoding === 'wat' ? 'Pass it through `encode` first.' : 'Compile it again for this device.',
  });
}
