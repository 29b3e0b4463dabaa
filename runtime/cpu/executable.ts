import { workgroups, type Kernel, type Program, type Region } from '../../compiler/program.ts';
import { bufferKey, ensureBuffers, type BufferSet } from '../buffers.ts';
import type { Executable } from '../device.ts';
import { sizesInOrder, type RunSizes } from '../sizes.ts';
import { outOfMemory, type CpuBuffer, type CpuMemory } from './memory.ts';
import type { ThreadPool } from './pool.ts';
import { stepsOf, type Step, type StepPlan } from './steps.mjs';

/** From how many bytes and operations on threads share a program's work, and each kernel of it. */
export interface Sharing {
  readonly program: number;
  readonly kernel: number;
}

/** Meeting after a kernel takes what some 20 µs of work take; waking threads that sleep, some milliseconds. */
export const WHERE_IT_PAYS: Sharing = { program: 1 << 24, kernel: 1 << 18 };

/** Where a program is to run. */
export interface CpuRoom {
  readonly memory: CpuMemory;
  readonly pool: ThreadPool;
  readonly sharing: Sharing;
}

/** A program's module, and its functions in this thread. */
export interface CpuModule {
  readonly code: Uint8Array;
  readonly instance: WebAssembly.Instance;
}

/** Memory of a program's own. */
interface Own {
  readonly sizes: CpuBuffer;
  readonly scratch: CpuBuffer;
  readonly constants: CpuBuffer;
  readonly cells: CpuBuffer;
}

/** A program in memory: its functions, and where each finds its values. */
export class CpuExecutable implements Executable {
  readonly program: Program;
  readonly #memory: CpuMemory;
  readonly #pool: ThreadPool;
  readonly #own: Own;
  readonly #steps: readonly Step[];
  readonly #job: number;

  private constructor(
    memory: CpuMemory, pool: ThreadPool, program: Program, own: Own, steps: readonly Step[], job: number,
  ) {
    this.#memory = memory;
    this.#pool = pool;
    this.program = program;
    this.#own = own;
    this.#steps = steps;
    this.#job = job;
  }

  /** @throws RicciError `runtime/no-buffer`, `device/out-of-memory` */
  static async open(
    { memory, pool, sharing }: CpuRoom, program: Program, buffers: BufferSet, { code, instance }: CpuModule,
  ): Promise<CpuExecutable> {
    ensureBuffers(program, buffers);
    const scratchBytes = Math.ceil(program.scratchBytes / 64) * 64;
    const make = (what: string, bytes: number): CpuBuffer => allocated(memory, `${program.name}: ${what}`, bytes);
    const own: Own = {
      sizes: make('sizes', 4 * (program.sizes.length + 1)),
      scratch: make('scratch', scratchBytes * pool.threads),
      constants: make('constants', program.constantBytes),
      cells: make('cells', 4 * program.kernels.length),
    };
    for (const c of program.constants) {
      new Uint32Array(memory.wasm.buffer, own.constants.address + c.offset, c.words.length).set(c.words);
    }
    const address = (r: Region): number =>
      (r.space === 'constants' ? own.constants : memory.own(buffers.get(bufferKey(r)))).address + r.offset;
    const shared = program.kernels.reduce((n, k) => n + workOf(k), 0) >= sharing.program;
    const plans = program.kernels.map((k): StepPlan => ({
      kernel: k.module,
      pointers: k.bindings.map((b) => address(b.region)),
      serial: !shared || workOf(k) < sharing.kernel,
    }));
    const job = await pool.open({
      code, plans, sizes: own.sizes.address, scratch: own.scratch.address, scratchBytes, cells: own.cells.address,
    });
    const steps = stepsOf(instance.exports, plans, own.sizes.address, own.scratch.address);
    return new CpuExecutable(memory, pool, program, own, steps, job);
  }

  /** Runs all kernels in order. @throws RicciError `runtime/size`, `device/thread-lost` */
  run(sizes: RunSizes): void {
    const words = [1, ...sizesInOrder(this.program, sizes)];
    const { buffer } = this.#memory.wasm;
    new Int32Array(buffer, this.#own.sizes.address, words.length).set(words);
    const cells = new Int32Array(buffer, this.#own.cells.address, this.#steps.length);
    this.program.kernels.forEach((k, i) => { cells[i] = workgroups(k, sizes); });
    this.#pool.run(this.#job, this.#steps, cells);
  }

  destroy(): void {
    this.#pool.drop(this.#job);
    for (const b of Object.values(this.#own)) b.destroy();
  }
}

const workOf = ({ cost }: Kernel): number => cost.flops + cost.bytesRead + cost.bytesWritten;

function allocated(memory: CpuMemory, label: string, bytes: number): CpuBuffer {
  const made = memory.allocate(label, bytes);
  if (made === undefined) throw outOfMemory(label, bytes);
  return made;
}
