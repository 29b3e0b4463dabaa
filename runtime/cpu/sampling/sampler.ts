import { memoryStrides } from '../../../compiler/program.ts';
import type { DeviceBuffer } from '../../memory.ts';
import { checkLayout, checkLogits, checkRead, checkStep, notBegun, readFailed } from '../../sampling/checks.ts';
import type { ResolvedSampling } from '../../sampling/options.ts';
import type { LogitsBinding, Sampler, SamplerControl, SamplerLayout, TokenBlock } from '../../sampling/sampler.ts';
import { checkStart, type SamplingStart } from '../../sampling/start.ts';
import type { CpuMemory } from '../memory.ts';
import { Chooser } from './choose.ts';

/** A turn of the event loop: what was submitted is done already, and an interrupt must be heard. */
const turn = (): Promise<void> => new Promise((resolve) => {
  if (typeof setImmediate === 'function') setImmediate(resolve);
  else setTimeout(resolve, 0);
});

type Create = (label: string, bytes: number) => DeviceBuffer;

/** What a generation goes on with. */
interface Running {
  readonly options: ResolvedSampling;
  readonly start: SamplingStart;
  /** Per row the distinct tokens of prompt and text. */
  readonly seen: readonly Set<number>[];
}

/** A sampler's state in the device's memory; the arithmetic is WebAssembly: token by token what a GPU chooses. */
export class CpuSampler implements Sampler {
  readonly control: SamplerControl;
  readonly #memory: CpuMemory;
  readonly #layout: SamplerLayout;
  readonly #chooser: Chooser;
  readonly #ids: Int32Array;
  readonly #flags: Int32Array;
  #running: Running | undefined;
  #destroyed = false;

  private constructor(memory: CpuMemory, layout: SamplerLayout, chooser: Chooser, create: Create) {
    this.#memory = memory;
    this.#layout = layout;
    this.#chooser = chooser;
    const own = (label: string): DeviceBuffer => create(`sampling ${label}`, 4 * layout.batch);
    this.control = { ids: own('ids'), position: own('position'), slot: own('slot'), finished: own('finished') };
    this.#ids = new Int32Array(layout.maxSteps * layout.batch);
    this.#flags = new Int32Array(layout.maxSteps * layout.batch);
  }

  /** @throws RicciError `sampling/invalid-layout`, and what `create` throws */
  static async open(memory: CpuMemory, layout: SamplerLayout, create: Create): Promise<CpuSampler> {
    checkLayout(layout);
    return new CpuSampler(memory, layout, await Chooser.open(memory, create, layout.vocab), create);
  }

  begin(options: ResolvedSampling, start: SamplingStart): void {
    checkStart(this.#layout, options, start);
    const { batch } = this.#layout;
    this.#words(this.control.ids).fill(0);
    this.#words(this.control.finished).fill(0);
    this.#words(this.control.position).set(start.position);
    this.#words(this.control.slot).set(start.slot);
    this.#running = { options, start, seen: Array.from({ length: batch }, (_, row) => new Set(start.seen?.[row])) };
  }

  /** @throws RicciError `sampling/not-begun`, `sampling/too-many-steps`, `sampling/bad-logits` */
  sample({ buffer, offset, size }: LogitsBinding, step: number): void {
    if (this.#running === undefined) throw notBegun();
    checkStep(step, this.#layout);
    const { batch, vocab } = this.#layout;
    checkLogits({ offset, size }, this.#layout, buffer.bytes, Float32Array.BYTES_PER_ELEMENT);
    const from = this.#memory.own(buffer).address + offset;
    const [pitch] = memoryStrides([batch, vocab]);
    for (let row = 0; row < batch; row++) this.#choose(this.#running, row, step, from + 4 * row * pitch);
    if (step === 0) return; // the token of step 0 stands where `begin` said
    for (const counter of [this.control.position, this.control.slot]) {
      const words = this.#words(counter);
      for (let row = 0; row < batch; row++) words[row] += 1;
    }
  }
  #choose({ options, start, seen }: Running, row: number, step: number, logits: number): void {
    const finished = this.#words(this.control.finished);
    const at = step * this.#layout.batch + row;
    const place = { stream: start.streams?.[row] ?? row, step };
    const { id, finite } = finished[row] === 1
      ? { id: start.padId, finite: true }
      : this.#chooser.choose(logits, options, place, seen[row]);
    this.#ids[at] = id;
    this.#flags[at] = finite ? 0 : 1;
    this.#words(this.control.ids)[row] = id;
    seen[row].add(id);
    if (start.stopIds.includes(id)) finished[row] = 1;
  }

  async readTokens(from: number, count: number): Promise<TokenBlock> {
    checkRead(from, count, this.#layout);
    const { batch } = this.#layout;
    const [first, last] = [from * batch, (from + count) * batch];
    const block = { ids: this.#ids.slice(first, last), flags: this.#flags.slice(first, last) };
    await turn();
    if (this.#destroyed) throw readFailed(block.ids.byteLength);
    return block;
  }

  destroy(): void {
    this.#destroyed = true;
    this.#chooser.destroy();
    for (const buffer of Object.values(this.control)) buffer.destroy();
  }

  #words(buffer: DeviceBuffer): Int32Array {
    return new Int32Array(this.#memory.wasm.buffer, this.#memory.own(buffer).address, this.#layout.batch);
  }
}
