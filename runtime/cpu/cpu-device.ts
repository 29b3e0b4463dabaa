import type { Program } from '../../compiler/program.ts';
import type { RicciError } from '../../dsl/errors.ts';
import type { BufferSet } from '../buffers.ts';
import type { Commands, CpuLimits, Device, DeviceLoss, Executable } from '../device.ts';
import type { ByteRange, DeviceBuffer, Words } from '../memory.ts';
import type { LogitsBinding, Sampler, SamplerLayout } from '../sampling/sampler.ts';
import type { RunSizes } from '../sizes.ts';
import { checkEncoding, CpuExecutable } from './executable.ts';
import { cpuBuffer, CpuMemory, notOfThisDevice, outOfMemory } from './memory.ts';
import { instantiate } from './module.ts';
import { CpuSampler } from './sampler.ts';

/** The host's own CPU, by WebAssembly SIMD over one memory. What is submitted is done when `submit` returns. */
export class CpuDevice implements Device {
  readonly kind = 'cpu';
  readonly name = 'cpu (WebAssembly SIMD)';
  readonly limits: CpuLimits = { kind: 'cpu' };
  readonly lost: Promise<DeviceLoss>;
  readonly #memory = new CpuMemory();
  /** One instance for each module's bytes: programs that are opened again are not compiled again. */
  readonly #instances = new Map<string, Promise<WebAssembly.Instance>>();
  #lose: (loss: DeviceLoss) => void = () => undefined;

  constructor() {
    this.lost = new Promise((resolve) => { this.#lose = resolve; });
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
    const { address } = cpuBuffer(buffer);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#memory.bytes(address + offset, bytes.length).set(bytes);
  }

  read(buffer: DeviceBuffer, ranges: readonly ByteRange[]): Promise<ArrayBuffer> {
    const { address } = cpuBuffer(buffer);
    const out = new Uint8Array(ranges.reduce((n, r) => n + r.bytes, 0));
    let at = 0;
    for (const { offset, bytes } of ranges) {
      out.set(this.#memory.bytes(address + offset, bytes), at);
      at += bytes;
    }
    return Promise.resolve(out.buffer);
  }

  async open(program: Program, buffers: BufferSet): Promise<Executable> {
    checkEncoding(program);
    const [code] = program.modules;
    const known = this.#instances.get(code) ?? instantiate(program, this.#memory.wasm);
    this.#instances.set(code, known);
    return new CpuExecutable(this.#memory, program, await known, buffers);
  }

  createSampler(layout: SamplerLayout): Promise<Sampler> {
    return Promise.resolve(new CpuSampler(this.#memory, layout, (label, bytes) => this.createBuffer(label, bytes)));
  }

  submit(work: (commands: Commands) => void): void {
    work(this.#commands);
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  takeErrors(): readonly RicciError[] {
    return [];
  }

  close(): void {
    this.#instances.clear();
    this.#lose({ reason: 'destroyed', message: '' });
  }

  readonly #commands: Commands = {
    run(executable: Executable, sizes: RunSizes): void {
      if (!(executable instanceof CpuExecutable)) throw notOfThisDevice(`the program "${executable.program.name}"`);
      executable.run(sizes);
    },
    sample(sampler: Sampler, logits: LogitsBinding, step: number): void {
      if (!(sampler instanceof CpuSampler)) throw notOfThisDevice('a sampler');
      sampler.sample(logits, step);
    },
    copy: (from, fromOffset, to, toOffset, bytes) => {
      const source = this.#memory.bytes(cpuBuffer(from).address + fromOffset, bytes);
      this.#memory.bytes(cpuBuffer(to).address + toOffset, bytes).set(source);
    },
  };
}
