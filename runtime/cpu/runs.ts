import type { CpuBuffer, CpuMemory } from './memory.ts';
import type { Job, ThreadPool } from './pool.ts';
import { stepsOf, type KernelDone, type StepPlan } from './steps.mjs';

/** A program as it is run: all kernels in order, each with so many cells. */
export interface Run {
  run(cells: readonly number[]): void;
  /** The same, where each kernel's end is told of. */
  watch(cells: readonly number[], done: KernelDone): void;
  /** Nothing will run it any more. */
  end(): void;
}

/** A program whose kernels threads share. */
export async function sharedRun(
  pool: ThreadPool, memory: CpuMemory, job: Job, instance: WebAssembly.Instance,
): Promise<Run> {
  const id = await pool.open(job);
  const steps = stepsOf(instance.exports, job.plans, job.sizes, job.scratch);
  const words = new Int32Array(memory.wasm.buffer, job.cells, steps.length);
  const run = (cells: readonly number[], done?: KernelDone): void => {
    words.set(cells);
    pool.run(id, steps, words, done);
  };
  return {
    run: (cells) => run(cells),
    watch: run,
    end: () => pool.drop(id),
  };
}

/** Words of a plan, as `program` of a module reads it: for each kernel how many cells it has, then its pointers. */
export const planWords = (pointers: readonly (readonly unknown[])[]): number =>
  pointers.reduce((n, own) => n + 1 + own.length, 0);

/** A program that is one call in the caller's thread: calls into WebAssembly cost what its small kernels do. */
export function serialRun(
  memory: CpuMemory, plan: CpuBuffer, plans: readonly StepPlan[], instance: WebAssembly.Instance,
  { sizes, scratch }: Pick<Job, 'sizes' | 'scratch'>,
): Run {
  const { program } = instance.exports;
  if (typeof program !== 'function') throw new Error('the module has no function program');
  const pointers = plans.map((p) => p.pointers);
  const words = new Int32Array(memory.wasm.buffer, plan.address, planWords(pointers));
  words.set(pointers.flatMap((own) => [0, ...own]));
  return {
    run: (cells) => {
      let at = 0;
      pointers.forEach((own, i) => {
        words[at] = cells[i];
        at += 1 + own.length;
      });
      program(sizes, scratch, plan.address);
    },
    watch: (cells, done) => stepsOf(instance.exports, plans, sizes, scratch).forEach((step, i) => {
      step.run(0, cells[i]);
      done();
    }),
    end: () => undefined,
  };
}
