import { vi } from 'vitest';
import type { Program, Region } from '../../compiler/program.ts';
import { CpuBuffer, CpuMemory } from '../../runtime/cpu/memory.ts';
import type { Device } from '../../runtime/device.ts';
import { altered } from './device.ts';

/** Bytes before and after every buffer, and after every value of an arena. */
const GUARD = 1024;

/** A NaN that no operation makes: as a number it spoils what is computed from it, as an index it leaves every axis. */
const PATTERN = 0x7fd0dead;

/** What holds values; the rest (the threads' control, sizes, constants) is written before kernels run. */
const VALUES = /^(arena|input|output|state|weights):|: scratch$/;

const ARENA = 'arena:arena';

interface Range { readonly from: number; readonly to: number }

interface Guarded {
  readonly memory: CpuMemory;
  /** What is really allocated, guards included. */
  readonly outer: CpuBuffer;
  /** Addresses that nobody may write. */
  readonly zones: readonly Range[];
}

/**
 * Guards around every buffer of the CPU's memory, and between the values of an arena, filled with a pattern. Values
 * begin as that pattern as well, so that what is read before it was written shows in the results. In force from its
 * making until `lift`.
 */
export class Guards {
  readonly #guarded = new Map<CpuBuffer, Guarded>();
  #damage: string[] = [];
  readonly #lift: () => void;

  constructor() {
    const { allocate, free } = CpuMemory.prototype;
    const guard = (memory: CpuMemory, outer: CpuBuffer, bytes: number): CpuBuffer => this.#guard(memory, outer, bytes);
    const release = (buffer: CpuBuffer): CpuBuffer => this.#release(buffer);
    const allocating = vi.spyOn(CpuMemory.prototype, 'allocate').mockImplementation(
      function (this: CpuMemory, label: string, wanted: number): CpuBuffer | undefined {
        const bytes = Math.max(4, Math.ceil(wanted / 4) * 4);
        const outer = allocate.call(this, label, GUARD + bytes + GUARD);
        return outer === undefined ? undefined : guard(this, outer, bytes);
      },
    );
    const freeing = vi.spyOn(CpuMemory.prototype, 'free').mockImplementation(
      function (this: CpuMemory, buffer: CpuBuffer): void {
        free.call(this, release(buffer));
      },
    );
    this.#lift = () => {
      allocating.mockRestore();
      freeing.mockRestore();
    };
  }

  lift(): void {
    this.#lift();
  }

  /** Which guards were written to, in words, since the last call; to be asked for when the buffers are freed. */
  takeDamage(): readonly string[] {
    const taken = this.#damage;
    this.#damage = [];
    return taken;
  }

  /** The device with guards between the values of programs' arenas too. */
  between(device: Device): Device {
    return altered(device, {
      open: async (program, buffers) => {
        const { spread, gaps } = spreadArena(program);
        const executable = await device.open(spread, buffers);
        const arena = buffers.get(ARENA);
        if (arena instanceof CpuBuffer) this.#guardInside(arena, gaps);
        return executable;
      },
    });
  }

  #guard(memory: CpuMemory, outer: CpuBuffer, bytes: number): CpuBuffer {
    const from = outer.address + GUARD;
    const buffer = new CpuBuffer(memory, outer.label, from, bytes);
    const zones = [{ from: outer.address, to: from }, { from: from + bytes, to: outer.address + outer.bytes }];
    const filled = VALUES.test(outer.label) ? [...zones, { from, to: from + bytes }] : zones;
    for (const range of filled) words(memory, range).fill(PATTERN);
    this.#guarded.set(buffer, { memory, outer, zones });
    return buffer;
  }

  #release(buffer: CpuBuffer): CpuBuffer {
    this.#check(buffer);
    const found = this.#guarded.get(buffer);
    this.#guarded.delete(buffer);
    return found?.outer ?? buffer;
  }

  /** Takes what an earlier program left in an arena for its last, and guards the gaps of the next. */
  #guardInside(arena: CpuBuffer, gaps: readonly Range[]): void {
    this.#check(arena);
    const found = this.#guarded.get(arena);
    if (found === undefined) return;
    const { address, bytes } = arena;
    words(found.memory, { from: address, to: address + bytes }).fill(PATTERN);
    const inside = gaps.map(({ from, to }) => ({ from: address + from, to: address + to }));
    this.#guarded.set(arena, { ...found, zones: [...found.zones.slice(0, 2), ...inside] });
  }

  #check(buffer: CpuBuffer): void {
    const found = this.#guarded.get(buffer);
    for (const zone of found?.zones ?? []) {
      if (found === undefined || words(found.memory, zone).every((word) => word === PATTERN)) continue;
      const at = words(found.memory, zone).findIndex((word) => word !== PATTERN);
      this.#damage.push(`byte ${zone.from + 4 * at - buffer.address} of ${buffer.bytes} of "${buffer.label}"`);
    }
  }
}

const words = (memory: CpuMemory, { from, to }: Range): Uint32Array =>
  new Uint32Array(memory.wasm.buffer, from, (to - from) / 4);

/** The program with a guard after every value of its arena. Values that take turns in one place still do. */
function spreadArena(program: Program): { readonly spread: Program; readonly gaps: readonly Range[] } {
  const offsets = new Map<string, number>();
  const gaps: Range[] = [];
  let end = 0;
  const moved = (region: Region): Region => {
    if (region.space !== 'arena') return region;
    const place = `${region.offset} ${region.bytes}`;
    const offset = offsets.get(place) ?? end;
    if (offset === end) {
      offsets.set(place, offset);
      end = offset + region.bytes + GUARD;
      gaps.push({ from: offset + region.bytes, to: end });
    }
    return { ...region, offset };
  };
  const kernels = program.kernels.map((k) => ({
    ...k, bindings: k.bindings.map((b) => ({ ...b, region: moved(b.region) })),
  }));
  return { spread: { ...program, kernels, arenaBytes: Math.max(end, program.arenaBytes) }, gaps };
}
