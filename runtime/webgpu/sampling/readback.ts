import { readFailed } from '../../sampling/checks.ts';
import type { Waiting } from '../wait.ts';

/** Copies ranges of GPU buffers to the host through staging buffers that are used again. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #waiting: Waiting;
  /** Unmapped and not awaited by anyone; there are never more buffers than were staged or read at one time. */
  readonly #idle: GPUBuffer[] = [];
  readonly #all = new Set<GPUBuffer>();

  constructor(device: GPUDevice, waiting: Waiting) {
    this.#device = device;
    this.#waiting = waiting;
  }

  /**
   * Adds the copy of a range to some commands. Its staging buffer is the caller's until it is read or given back.
   * @param offset in bytes, a multiple of 4, as is `size`
   */
  stage(encoder: GPUCommandEncoder, source: GPUBuffer, offset: number, size: number): GPUBuffer {
    const staging = this.#take(size);
    encoder.copyBufferToBuffer(source, offset, staging, 0, size);
    return staging;
  }

  /** Takes back what was staged and shall not be read. */
  giveBack(staging: GPUBuffer): void {
    this.#idle.push(staging);
  }

  /**
   * The first bytes of what was staged, once the commands that copy it have run. Work submitted afterwards does not
   * delay it.
   * @throws RicciError `sampling/read-failed` when the device is lost or destroyed meanwhile
   */
  async read(staging: GPUBuffer, size: number): Promise<ArrayBuffer> {
    try {
      await this.#waiting.for(staging.mapAsync(GPUMapMode.READ, 0, size));
      const bytes = staging.getMappedRange(0, size).slice(0);
      staging.unmap();
      this.#idle.push(staging);
      return bytes;
    } catch (cause) {
      throw readFailed(size, cause);
    }
  }

  destroy(): void {
    for (const buffer of this.#all) buffer.destroy();
    this.#all.clear();
    this.#idle.length = 0;
  }

  #take(size: number): GPUBuffer {
    const fitting = this.#idle.findIndex((buffer) => buffer.size >= size);
    const [idle] = fitting === -1 ? [] : this.#idle.splice(fitting, 1);
    if (idle !== undefined) return idle;
    // Powers of two, so that blocks of slightly different lengths share a buffer.
    const buffer = this.#device.createBuffer({
      label: 'sampling readback',
      size: 2 ** Math.ceil(Math.log2(Math.max(size, 256))),
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.#all.add(buffer);
    return buffer;
  }
}
