import type { Kind } from '../../compiler/fuse/kind.ts';
import type { BufferSet } from '../../runtime/buffers.ts';
import type { Device, Executable } from '../../runtime/device.ts';
import type { RunSizes } from '../../runtime/sizes.ts';
import { fillInputs } from '../inspect/kernel-times.ts';
import type { Made, Subject } from './subject.ts';

/** Seconds of each kernel, by key; of kernels of one kind, all together. */
export type KernelSeconds = ReadonlyMap<string, number>;

/** A program that is open to be timed, over weights that others share and with values of its own. */
export class Running {
  readonly kinds: Made['kinds'];
  readonly #device: Device;
  readonly #executable: Executable;
  readonly #buffers: BufferSet;
  readonly #sizes: RunSizes;

  private constructor(device: Device, kinds: Made['kinds'], executable: Executable, buffers: BufferSet, sizes: RunSizes) {
    this.#device = device;
    this.kinds = kinds;
    this.#executable = executable;
    this.#buffers = buffers;
    this.#sizes = sizes;
  }

  /** Opens a program and runs it once, so that what is timed later finds everything made and warm. */
  static async open(subject: Subject, { program, kinds }: Made, weights: BufferSet): Promise<Running> {
    const { device } = subject;
    const [buffers, sizes] = [weights.share('weights:'), subject.sizes(program)];
    const executable = await device.open(program, buffers);
    fillInputs(device, buffers, program, sizes);
    const running = new Running(device, kinds, executable, buffers, sizes);
    try {
      await running.kernels();
      return running;
    } catch (error) {
      running.close();
      throw error;
    }
  }

  /** Runs it once and times its kernels where they stand. A kernel of several kinds divides its time as their work. */
  async kernels(): Promise<KernelSeconds> {
    const each = await this.#executable.time(this.#sizes);
    this.#check();
    const seconds = new Map<string, number>();
    this.kinds.forEach((kinds, k) => {
      const work = kinds.reduce((n, kind) => n + workOf(kind), 0);
      for (const kind of kinds) {
        const { key } = kind.root;
        seconds.set(key, (seconds.get(key) ?? 0) + (each[k] * workOf(kind)) / work);
      }
    });
    return seconds;
  }

  /** Seconds from a submit until the device is idle, without any clock inside. */
  async whole(now: () => number): Promise<number> {
    const started = now();
    this.#device.submit((commands) => commands.run(this.#executable, this.#sizes));
    await this.#device.settled();
    const ended = now();
    this.#check();
    return (ended - started) / 1000;
  }

  close(): void {
    this.#executable.destroy();
    this.#buffers.destroy();
  }

  #check(): void {
    const [error] = this.#device.takeErrors();
    if (error !== undefined) throw error;
  }
}

/** A copy does no operations. */
const workOf = (kind: Kind): number => Math.max(1, kind.work);
