import { RicciError } from '../../dsl/errors.ts';
import type { DeviceBuffer } from '../memory.ts';
import { notOfThisDevice } from '../misuse.ts';

/** What errors call such a device. */
export const CPU = 'A CPU device';

const PAGE = 65536;
/** What 32 bits address. */
export const MAX_BYTES = 65536 * PAGE;
/** A cache line, so that no two buffers share one. */
const ALIGNMENT = 64;

/** A part of the memory. Its bytes are found through the memory, because growing replaces the array that holds them. */
export class CpuBuffer implements DeviceBuffer {
  readonly label: string;
  readonly bytes: number;
  /** Where it begins, in bytes. */
  readonly address: number;
  readonly #memory: CpuMemory;
  #freed = false;

  constructor(memory: CpuMemory, label: string, address: number, bytes: number) {
    this.#memory = memory;
    this.label = label;
    this.address = address;
    this.bytes = bytes;
  }

  get freed(): boolean {
    return this.#freed;
  }

  liesIn(memory: CpuMemory): boolean {
    return this.#memory === memory;
  }

  destroy(): void {
    if (!this.#freed) this.#memory.free(this);
    this.#freed = true;
  }
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

/** One WebAssembly memory, given out in buffers: first fit among what was freed, else at the end. */
export class CpuMemory {
  readonly wasm: WebAssembly.Memory;
  /** Free parts in the order of addresses, no two of them neighbours. */
  #gaps: readonly Gap[] = [];
  #end = ALIGNMENT;

  constructor() {
    this.wasm = new WebAssembly.Memory({ initial: 1, maximum: MAX_BYTES / PAGE, shared: true });
  }

  /** Zeroed memory; undefined where there is not enough. */
  allocate(label: string, wanted: number): CpuBuffer | undefined {
    const bytes = Math.max(ALIGNMENT, Math.ceil(wanted / ALIGNMENT) * ALIGNMENT);
    const address = this.#fromGap(bytes) ?? this.#fromEnd(bytes);
    if (address === undefined) return undefined;
    return new CpuBuffer(this, label, address, bytes);
  }

  free({ address, bytes }: CpuBuffer): void {
    const all = [...this.#gaps, { from: address, to: address + bytes }].sort((a, b) => a.from - b.from);
    this.#gaps = all.reduce<readonly Gap[]>((merged, gap) => {
      const last = merged.at(-1);
      if (last === undefined || last.to < gap.from) return [...merged, gap];
      return [...merged.slice(0, -1), { from: last.from, to: gap.to }];
    }, []);
  }

  /**
   * The memory's own handle of a buffer.
   * @throws RicciError `runtime/foreign` for a buffer of another device, `runtime/destroyed` for one that was freed
   */
  own(buffer: DeviceBuffer): CpuBuffer {
    if (!(buffer instanceof CpuBuffer) || !buffer.liesIn(this)) throw notOfThisDevice(CPU, `the buffer "${buffer.label}"`);
    if (!buffer.freed) return buffer;
    throw new RicciError({
      code: 'runtime/destroyed',
      message: `The buffer "${buffer.label}" was destroyed.`,
      hint: 'Close what uses a buffer before whoever made it.',
    });
  }

  /** Some bytes of a buffer. @throws RicciError as `own`, and `runtime/range` where they do not lie inside it */
  part(buffer: DeviceBuffer, offset: number, count: number): Uint8Array {
    const { address, bytes, label } = this.own(buffer);
    if (offset >= 0 && count >= 0 && offset + count <= bytes) return this.bytes(address + offset, count);
    throw new RicciError({
      code: 'runtime/range',
      message: `${count} bytes from byte ${offset} on were asked for of the buffer "${label}", which has ${bytes}.`,
      hint: 'Ask for bytes that it has.',
    });
  }

  /** The bytes from an address on, valid until memory is next made. */
  bytes(address: number, count: number): Uint8Array {
    return new Uint8Array(this.wasm.buffer, address, count);
  }

  #fromGap(bytes: number): number | undefined {
    const at = this.#gaps.findIndex((g) => g.to - g.from >= bytes);
    if (at < 0) return undefined;
    const { from, to } = this.#gaps[at];
    this.bytes(from, bytes).fill(0);
    const rest = to - from > bytes ? [{ from: from + bytes, to }] : [];
    this.#gaps = [...this.#gaps.slice(0, at), ...rest, ...this.#gaps.slice(at + 1)];
    return from;
  }

  #fromEnd(bytes: number): number | undefined {
    const missing = this.#end + bytes - this.wasm.buffer.byteLength;
    if (missing > 0) {
      try {
        this.wasm.grow(Math.ceil(missing / PAGE));
      } catch {
        return undefined; // beyond its largest size, or the machine has no more
      }
    }
    const from = this.#end;
    this.#end += bytes;
    return from;
  }
}

export const outOfMemory = (label: string, bytes: number): RicciError =>
  new RicciError({
    code: 'device/out-of-memory',
    message: `There is no memory for ${bytes} bytes of "${label}".`,
    hint: 'Use a smaller model, context or batch; WebAssembly addresses 4 GiB.',
  });
