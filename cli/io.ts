import { freemem } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { ProgramStore } from '../models/pldr/index.ts';
import type { Device } from '../runtime/device.ts';
import { openDevice, type DeviceOptions } from '../runtime/webgpu/device.ts';
import { cacheFolder } from '../scripts/setup/cache-folder.mjs';
import { diskPrograms } from './program-cache.ts';

/** What a command knows of the world around it; tests give their own. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  openDevice(options: DeviceOptions): Promise<Device>;
  /** Bytes of host memory that this process can still take. */
  availableMemory(): number;
  /** Where compiled programs are kept between runs; nowhere when undefined. */
  readonly programs?: ProgramStore;
  /** Calls `stop` at the first Ctrl-C, until the returned function is called; a second Ctrl-C ends the process. */
  onInterrupt(stop: () => void): () => void;
}

export type Terminal = Writable & { readonly isTTY?: boolean };

export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    openDevice,
    programs: diskPrograms(cacheFolder(process.env)),
    // The first knows the whole machine, the second the limits of a container.
    availableMemory: () => Math.min(freemem(), process.availableMemory()),
    onInterrupt(stop) {
      process.once('SIGINT', stop);
      return () => process.off('SIGINT', stop);
    },
  };
}
