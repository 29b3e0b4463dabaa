import { mkdir, open, rename, rm } from 'node:fs/promises';
import { flushFolder } from '../../../../runtime/safetensors/atomic-file.ts';

/** A file that is being written. */
export interface OpenFile {
  /** Appends; the bytes may be reused once the promise resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Waits until the contents are on the disk itself. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What saving asks of a disk, so that tests can have one that fails at any of it. */
export interface Disk {
  makeFolder(path: string): Promise<void>;
  /** Creates a file that is not there yet. */
  create(path: string): Promise<OpenFile>;
  /** Waits until the names in a folder are on the disk itself, where the platform can. */
  flushFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a folder and all in it; nothing happens where there is none. */
  remove(path: string): Promise<void>;
}

export const disk: Disk = {
  makeFolder: async (path) => void (await mkdir(path, { recursive: true })),
  create: async (path) => {
    const handle = await open(path, 'wx');
    return {
      // Writes all of it, however many calls of the system that takes.
      write: (bytes) => handle.appendFile(bytes),
      flush: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  flushFolder,
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
};
