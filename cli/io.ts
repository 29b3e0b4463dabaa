import { freemem } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { ProgramStore } from '../models/pldr/index.ts';
import type { Device } from '../runtime/device.ts';
import { chooseDevice, resolveChoice, type DeviceChoice, type DeviceName } from '../runtime/open.ts';
import { listAdapters, type AdapterSummary, type DeviceOptions } from '../runtime/webgpu/device.ts';
import { diagnose, type Diagnosis } from '../runtime/webgpu/diagnose.ts';
import { cacheFolder } from '../scripts/setup/cache-folder.mjs';
import { applyDriver, applyRememberedDriver } from '../scripts/setup/environment.mjs';
import { diskPrograms } from './program-cache.ts';
import { importModule } from './variant/import-module.ts';
import { withShipped } from './shipped-programs.ts';

/** What a command knows of the world around it; tests give their own. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  openDevice(choice: DeviceChoice): Promise<Device>;
  /** All adapters of WebGPU, software ones too. */
  listAdapters(): Promise<readonly AdapterSummary[]>;
  diagnose(options: DeviceOptions): Promise<Diagnosis>;
  /** Milliseconds since some moment. */
  now(): number;
  /** Bytes of host memory that this process can still take. */
  availableMemory(): number;
  /** Where compiled programs are kept between runs; nowhere when undefined. */
  readonly programs?: ProgramStore;
  /** Folder of what `ricci tune` found, a file for each device; none when undefined. */
  readonly tuned?: string;
  /** Imports a module of the user's, whose `ricci/…` is the Ricci that runs. */
  importModule(file: string): Promise<object>;
  /** Calls `stop` at the first Ctrl-C, until the returned function is called; a second Ctrl-C ends the process. */
  onInterrupt(stop: () => void): () => void;
}

/** A stream, and what is known of the terminal that it may be. */
export type Terminal = Writable & {
  readonly isTTY?: boolean;
  /** Characters in a line. */
  readonly columns?: number;
  /** How many bits of colour it shows: 1, 4, 8 or 24. */
  getColorDepth?(): number;
};

export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    openDevice(choice) {
      readyDrivers(resolveChoice(choice));
      return chooseDevice(choice);
    },
    listAdapters() {
      readyDrivers('webgpu');
      return listAdapters();
    },
    diagnose(options) {
      readyDrivers('webgpu');
      return diagnose(options);
    },
    programs: withShipped(diskPrograms(cacheFolder(process.env))),
    tuned: join(cacheFolder(process.env), 'tuned'),
    importModule,
    now: () => performance.now(),
    // The first knows the whole machine, the second the limits of a container.
    availableMemory: () => Math.min(freemem(), process.availableMemory()),
    onInterrupt(stop) {
      process.once('SIGINT', stop);
      return () => process.off('SIGINT', stop);
    },
  };
}

/** The software driver that setup prepared serves whoever asks for WebGPU; `auto` looks at the system's own drivers. */
function readyDrivers(device: DeviceName): void {
  if (device === 'webgpu') applyRememberedDriver({ load: true });
  if (device === 'auto' && process.platform === 'linux') applyDriver(null, { load: false });
}
