import { RicciError } from '../../dsl/errors.ts';
import type { Region } from '../../compiler/program.ts';

/** Which buffer a region lies in, as one word. */
export const bufferKey = (r: Pick<Region, 'space' | 'buffer'>): string => `${r.space}:${r.buffer}`;

/**
 * The buffers of a session by name. Programs that share weights, states and the arena share this object; whoever made
 * it frees it.
 */
export class BufferSet {
  readonly #device: GPUDevice;
  readonly #buffers = new Map<string, GPUBuffer>();
  readonly #borrowed = new Set<string>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  get(key: string): GPUBuffer {
    const found = this.#buffers.get(key);
    if (found !== undefined) return found;
    throw new RicciError({
      code: 'runtime/no-buffer',
      message: `No buffer was made for "${key}".`,
      hint: 'Open the program with the buffers that it names.',
    });
  }

  has(key: string): boolean {
    return this.#buffers.has(key);
  }

  /** Makes a buffer of at least `bytes`, or finds the one of that name if it is large enough. */
  ensure(key: string, bytes: number): GPUBuffer {
    const found = this.#buffers.get(key);
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    if (found !== undefined && found.size >= size) return found;
    if (found !== undefined && !this.#borrowed.has(key)) found.destroy();
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const made = this.#device.createBuffer({ label: key, size, usage });
    this.#buffers.set(key, made);
    this.#borrowed.delete(key);
    return made;
  }

  /** Lends a buffer that someone else owns and frees, for example the token that the sampler writes. */
  lend(key: string, buffer: GPUBuffer): void {
    this.#buffers.set(key, buffer);
    this.#borrowed.add(key);
  }

  /** Another set with the buffers whose names start with one of `prefixes`; it does not own them. */
  share(...prefixes: readonly string[]): BufferSet {
    const other = new BufferSet(this.#device);
    for (const [key, buffer] of this.#buffers) if (prefixes.some((p) => key.startsWith(p))) other.lend(key, buffer);
    return other;
  }

  destroy(): void {
    for (const [key, buffer] of this.#buffers) if (!this.#borrowed.has(key)) buffer.destroy();
    this.#buffers.clear();
  }
}
