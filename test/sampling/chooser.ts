import { CpuMemory, type CpuBuffer } from '../../runtime/cpu/memory.ts';
import { type Choice, Chooser, type DrawPlace } from '../../runtime/cpu/sampling/choose.ts';
import type { ResolvedSampling } from '../../runtime/sampling/options.ts';

/** Memory in which tests choose tokens on the CPU, without threads. */
export const memory = new CpuMemory();

export function allocate(label: string, bytes: number): CpuBuffer {
  const made = memory.allocate(label, bytes);
  if (made === undefined) throw new Error(`There is no memory for ${bytes} bytes of ${label}.`);
  return made;
}

/** `Chooser.choose` for logits of the host. */
export interface Choose {
  (logits: Float32Array, options: ResolvedSampling, place: DrawPlace, seen: ReadonlySet<number>): Choice;
}

/** Makes a chooser for the time of one use. */
export async function withChooser(vocab: number, use: (choose: Choose) => void): Promise<void> {
  const chooser = await Chooser.open(memory, allocate, vocab);
  const buffer = allocate('logits', 4 * vocab);
  const view = new Float32Array(memory.wasm.buffer, buffer.address, vocab);
  try {
    use((logits, ...rest) => {
      view.set(logits);
      return chooser.choose(buffer.address, ...rest);
    });
  } finally {
    buffer.destroy();
    chooser.destroy();
  }
}
