import type { Commands, Executable } from '../device.ts';
import { notOfThisDevice, runTwice } from '../misuse.ts';
import { CpuExecutable } from './executable.ts';
import { CPU, type CpuMemory } from './memory.ts';
import { CpuSampler } from './sampling/sampler.ts';

/** The commands of one submit: each is done when it is asked for. */
export function cpuCommands(memory: CpuMemory): Commands {
  const ran = new Set<Executable>();
  return {
    run(executable, sizes) {
      const { name } = executable.program;
      if (!(executable instanceof CpuExecutable)) throw notOfThisDevice(CPU, `the program "${name}"`);
      if (ran.has(executable)) throw runTwice(name);
      ran.add(executable);
      executable.run(sizes);
    },
    sample(sampler, logits, step) {
      if (!(sampler instanceof CpuSampler)) throw notOfThisDevice(CPU, 'a sampler');
      sampler.sample(logits, step);
    },
    copy(from, fromOffset, to, toOffset, bytes) {
      memory.part(to, toOffset, bytes).set(memory.part(from, fromOffset, bytes));
    },
  };
}
