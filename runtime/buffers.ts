import { RicciError } from '../dsl/errors.ts';
import type { Program, Region, Value } from '../compiler/program.ts';
import type { DeviceBuffer, DeviceMemory } from './memory.ts';

/** Which buffer a region lies in, as one word. */
export const bufferKey = (r: Pick<Region, 'space' | 'buffer'>): string => `${r.space}:${r.buffer}`;

/**
 * The buffers of a session by name. Programs that share weights, states and the arena share this object; whoever made
 * it frees it.
 */
export class BufferSet {
  readonly #memory: DeviceMemory;
  readonly #buffers = new Map<string, DeviceBuffer>();
  readonly #borrowed = new Set<string>();

  constructor(memory: DeviceMemory) {
    this.#memory = memory;
  }

  get(key: string): DeviceBuffer {
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
  ensure(key: string, bytes: number): DeviceBuffer {
    return this.#fitting(key, bytes) ?? this.#own(key, this.#memory.createBuffer(key, bytes));
  }

  /** As `ensure`, but waits until it is known whether there is enough memory; undefined when there is not. */
  async tryEnsure(key: string, bytes: number): Promise<DeviceBuffer | undefined> {
    const found = this.#fitting(key, bytes);
    if (found !== undefined) return found;
    const made = await this.#memory.tryCreateBuffer(key, bytes);
    return made === undefined ? undefined : this.#own(key, made);
  }

  /** Lends a buffer that someone else owns and frees, for example the token that the sampler writes. */
  lend(key: string, buffer: DeviceBuffer): void {
    this.#buffers.set(key, buffer);
    this.#borrowed.add(key);
  }

  /** Another set with the buffers whose names start with one of `prefixes`; it does not own them. */
  share(...prefixes: readonly string[]): BufferSet {
    const other = new BufferSet(this.#memory);
    for (const [key, buffer] of this.#buffers) if (prefixes.some((p) => key.startsWith(p))) other.lend(key, buffer);
    return other;
  }

  destroy(): void {
    for (const [key, buffer] of this.#buffers) if (!this.#borrowed.has(key)) buffer.destroy();
    this.#buffers.clear();
  }

  /** The buffer of that name; one that is too small is given up, so that a larger one can take its place. */
  #fitting(key: string, bytes: number): DeviceBuffer | undefined {
    const found = this.#buffers.get(key);
    if (found === undefined || found.bytes >= bytes) return found;
    if (!this.#borrowed.delete(key)) found.destroy();
    this.#buffers.delete(key);
    return undefined;
  }

  #own(key: string, made: DeviceBuffer): DeviceBuffer {
    this.#buffers.set(key, made);
    return made;
  }
}

/** Makes the buffers of a program's inputs, outputs, states and arena where the set lacks them. */
export function ensureBuffers(program: Program, buffers: BufferSet): void {
  for (const [key, bytes] of bufferBytes([program])) buffers.ensure(key, bytes);
}

/** The bytes of each buffer that programs need which share all of them, weights and their constants apart; by its key. */
export function bufferBytes(programs: readonly Program[]): ReadonlyMap<string, number> {
  const needed = new Map<string, number>();
  const need = (key: string, bytes: number): unknown => needed.set(key, Math.max(needed.get(key) ?? 0, bytes));
  for (const program of programs) {
    need('arena:arena', program.arenaBytes);
    for (const { region } of valuesOf(program)) need(bufferKey(region), region.bytes);
  }
  return needed;
}

const valuesOf = (p: Program): readonly Value[] =>
  [...Object.values(p.inputs), ...Object.values(p.outputs), ...Object.values(p.states)]
    .filter((v) => v.region.space !== 'weights' && v.region.space !== 'constants');
