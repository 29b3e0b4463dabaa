import type { Program } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/errors.ts';
import type { BufferSet } from '../buffers.ts';
import type { Commands, CpuLimits, Device, DeviceLoss, Executable } from '../device.ts';
import { describeCpu } from '../host-cpu.ts';
import type { ByteRange, DeviceBuffer, Words } from '../memory.ts';
import type { Sampler, SamplerLayout } from '../sampling/sampler.ts';
import { machineThreads } from './cores.ts';
import { CpuExecutable, WHERE_IT_PAYS, type Sharing } from './executable.ts';
import { cpuCommands } from './commands.ts';
import { hasFusedVectors } from './features.ts';
import { CpuMemory, outOfMemory } from './memory.ts';
import { moduleBytes } from './module.ts';
import { ThreadPool } from './pool.ts';
import { CpuSampler } from './sampling/sampler.ts';
import { CONTROL_WORDS } from './steps.mjs';

export interface CpuOptions {
  /** How many threads compute, the caller's among them; by default one for each core. */
  readonly threads?: number;
  /**
   * Whether a product and a sum are one instruction of relaxed SIMD, which rounds once: faster, and other last digits.
   * False where nothing is said.
   */
  readonly fused?: boolean;
  /** From how much work on (bytes and operations of a program) threads share it; by default, where it pays. */
  readonly shareFrom?: number;
}

/** The host's own CPU, by WebAssembly SIMD over one memory. What is submitted is done when `submit` returns. */
export class CpuDevice implements Device {
  readonly kind = 'cpu';
  readonly name: string;
  readonly hardware: string;
  readonly limits: CpuLimits;
  readonly lost: Promise<DeviceLoss>;
  readonly #memory: CpuMemory;
  readonly #pool: ThreadPool;
  readonly #sharing: Sharing;
  /** One instance for each module's bytes: programs that are opened again are not compiled again. */
  readonly #instances = new Map<string, Promise<WebAssembly.Instance>>();
  #lose: (loss: DeviceLoss) => void = () => undefined;

  private constructor(memory: CpuMemory, pool: ThreadPool, sharing: Sharing, fused: boolean, processor: string) {
    this.hardware = processor;
    this.limits = { kind: 'cpu', fused };
    this.#memory = memory;
    this.#pool = pool;
    this.#sharing = sharing;
    this.name = `CPU (WebAssembly ${fused ? 'relaxed ' : ''}SIMD, ${pool.threads} thread${pool.threads === 1 ? '' : 's'})`;
    this.lost = new Promise((resolve) => { this.#lose = resolve; });
  }

  /** @throws RicciError `device/out-of-memory`, `device/no-relaxed-simd` */
  static async open({ threads, shareFrom, fused = false }: CpuOptions = {}): Promise<CpuDevice> {
    if (fused && !hasFusedVectors()) throw noRelaxedSimd();
    const memory = new CpuMemory();
    const control = memory.allocate('control', 4 * CONTROL_WORDS);
    if (control === undefined) throw outOfMemory('control', 4 * CONTROL_WORDS);
    const sharing = shareFrom === undefined ? WHERE_IT_PAYS : { program: shareFrom, kernel: shareFrom };
    const pool = await ThreadPool.start(memory, control, threads ?? await machineThreads());
    return new CpuDevice(memory, pool, sharing, fused, (await describeCpu()).name);
  }

  get compiled(): number {
    return this.#instances.size;
  }

  createBuffer(label: string, bytes: number): DeviceBuffer {
    const made = this.#memory.allocate(label, bytes);
    if (made === undefined) throw outOfMemory(label, bytes);
    return made;
  }

  tryCreateBuffer(label: string, bytes: number): Promise<DeviceBuffer | undefined> {
    return Promise.resolve(this.#memory.allocate(label, bytes));
  }

  write(buffer: DeviceBuffer, offset: number, data: Words): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#memory.part(buffer, offset, bytes.length).set(bytes);
  }

  async read(buffer: DeviceBuffer, ranges: readonly ByteRange[]): Promise<ArrayBuffer> {
    const out = new Uint8Array(ranges.reduce((n, r) => n + r.bytes, 0));
    let at = 0;
    for (const { offset, bytes } of ranges) {
      out.set(this.#memory.part(buffer, offset, bytes), at);
      at += bytes;
    }
    return out.buffer;
  }

  async open(program: Program, buffers: BufferSet): Promise<Executable> {
    const code = moduleBytes(program);
    const known = this.#instances.get(program.modules[0]) ?? this.#instantiate(code);
    this.#instances.set(program.modules[0], known);
    const room = { memory: this.#memory, pool: this.#pool, sharing: this.#sharing };
    return CpuExecutable.open(room, program, buffers, { code, instance: await known });
  }

  async #instantiate(code: Uint8Array): Promise<WebAssembly.Instance> {
    return (await WebAssembly.instantiate(code, { ricci: { memory: this.#memory.wasm } })).instance;
  }

  createSampler(layout: SamplerLayout): Promise<Sampler> {
    return CpuSampler.open(this.#memory, layout, (label, bytes) => this.createBuffer(label, bytes));
  }

  submit(work: (commands: Commands) => void): void {
    work(cpuCommands(this.#memory));
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  takeErrors(): readonly RicciError[] {
    return [];
  }

  close(): void {
    this.#pool.close();
    this.#instances.clear();
    this.#lose({ reason: 'destroyed', message: '' });
  }
}

const noRelaxedSimd = (): RicciError => new RicciError({
  code: 'device/no-relaxed-simd',
  message: 'Products and sums are to be one instruction, and this engine has no relaxed SIMD.',
  hint: 'Leave `fused` out, use Node 21 or later, or start Node 20 with --experimental-wasm-relaxed-simd.',
});
