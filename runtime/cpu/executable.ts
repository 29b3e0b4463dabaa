import { workgroups, type Kernel, type Program, type Region } from '../../compiler/program.ts';
import { bufferKey, ensureBuffers, type BufferSet } from '../buffers.ts';
import type { Executable } from '../device.ts';
import { sizesInOrder, type RunSizes } from '../sizes.ts';
import { outOfMemory, type CpuBuffer, type CpuMemory } from './memory.ts';
import type { ThreadPool } from './pool.ts';
import { planWords, serialRun, sharedRun, type Run } from './runs.ts';
import type { StepPlan } from './steps.mjs';

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
  /** Numbers of cells, and pointers where one call runs all kernels. */
  readonly plan: CpuBuffer;
}

/** A program in memory: its functions, and where each finds its values. */
export class CpuExecutable implements Executable {
  readonly program: Program;
  readonly #memory: CpuMemory;
  readonly #own: Own;
  readonly #run: Run;

  private constructor(memory: CpuMemory, program: Program, own: Own, run: Run) {
    this.#memory = memory;
    this.program = program;
    this.#own = own;
    this.#run = run;
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
      plan: make('plan', 4 * planWords(program.kernels.map((k) => k.bindings))),
    };
    for (const c of program.constants) {
      new Uint32Array(memory.wasm.buffer, own.constants.address + c.offset, c.words.length).set(c.words);
    }
    const address = (r: Region): number =>
      (r.space === 'constants' ? own.constants : memory.own(buffers.get(bufferKey(r)))).address + r.offset;
    const pointers = program.kernels.map((k) => k.bindings.map((b) => address(b.region)));
    const places = { sizes: own.sizes.address, scratch: own.scratch.address };
    const plans = program.kernels.map((k, i): StepPlan => ({
      kernel: k.module, pointers: pointers[i], serial: workOf(k) < sharing.kernel,
    }));
    if (program.kernels.reduce((n, k) => n + workOf(k), 0) < sharing.program) {
      return new CpuExecutable(memory, program, own, serialRun(memory, own.plan, plans, instance, places));
    }
    const job = { code, plans, ...places, scratchBytes, cells: own.plan.address };
    return new CpuExecutable(memory, program, own, await sharedRun(pool, memory, job, instance));
  }

  /** Runs all kernels in order. @throws RicciError `runtime/size`, `device/thread-lost` */
  run(sizes: RunSizes): void {
    this.#run.run(this.#cells(sizes));
  }

  async time(sizes: RunSizes): Promise<readonly number[]> {
    const cells = this.#cells(sizes);
    const times = [performance.now()];
    this.#run.watch(cells, () => times.push(performance.now()));
    return times.slice(1).map((end, i) => (end - times[i]) / 1000);
  }

  /** Writes the sizes of a run. @returns how many cells each kernel has */
  #cells(sizes: RunSizes): readonly number[] {
    const words = [1, ...sizesInOrder(this.program, sizes)];
    new Int32Array(this.#memory.wasm.buffer, this.#own.sizes.address, words.length).set(words);
    return this.program.kernels.map((k) => workgroups(k, sizes));
  }

  destroy(): void {
    this.#run.end();
    for (const b of Object.values(this.#own)) b.destroy();
  }
}

const workOf = ({ cost }: Kernel): number => cost.flops + cost.bytesRead + cost.bytesWritten;

function allocated(memory: CpuMemory, label: string, bytes: number): CpuBuffer {
  const made = memory.allocate(label, bytes);
  if (made === undefined) throw outOfMemory(label, bytes);
  return made;
}
