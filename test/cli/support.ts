import { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { main } from '../../cli/main.ts';
import type { Io } from '../../cli/io.ts';
import type { Device } from '../../runtime/device.ts';
import { chooseDevice } from '../../runtime/open.ts';
import { listAdapters } from '../../runtime/webgpu/device.ts';
import { diagnose } from '../../runtime/webgpu/diagnose.ts';
import { altered } from '../support/device.ts';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test may change of the world around a command. */
export interface World extends Partial<Omit<Io, 'stdin' | 'stdout' | 'stderr'>> {
  /** In the chunks in which it arrives. */
  readonly stdin?: string | readonly (string | Uint8Array)[];
  /** Sees every piece of stdout before it counts as written; an error stands for a reader that is gone. */
  readonly onStdout?: (text: string) => Error | undefined;
  /** Whether stderr is a terminal. */
  readonly isTTY?: boolean;
}

/** Runs a command in this process, with streams that are captured. */
export async function ricci(argv: readonly string[], world: World = {}): Promise<Run> {
  const { stdin = '', onStdout = () => undefined, isTTY = false, ...rest } = world;
  const stdout = new Captured(onStdout);
  const stderr = Object.assign(new Captured(() => undefined), { isTTY });
  const io: Io = {
    stdin: Readable.from(typeof stdin === 'string' ? [stdin] : stdin),
    stdout,
    stderr,
    openDevice: (choice) => chooseDevice(choice),
    listAdapters,
    diagnose,
    importModule: (file) => import(pathToFileURL(file).href),
    now: slow(),
    availableMemory: () => Infinity,
    onInterrupt: () => () => undefined,
    ...rest,
  };
  const code = await main(argv, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A clock on which each token is a second later than the one before, so that each is printed by itself. */
function slow(): () => number {
  let seconds = 0;
  return () => 1000 * ++seconds;
}

class Captured extends Writable {
  text = '';
  readonly #before: (text: string) => Error | undefined;

  constructor(before: (text: string) => Error | undefined) {
    super({ decodeStrings: false });
    this.#before = before;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const error = this.#before(String(chunk));
    if (error === undefined) this.text += String(chunk);
    done(error ?? null);
  }
}

/** A device that commands may close as often as they like: the test file does it in the end. */
export function lent(device: Device): Pick<Io, 'openDevice'> {
  return { openDevice: () => Promise.resolve(altered(device, { close: () => undefined })) };
}

/** A world without any device: commands that should fail before they need one must not open it. */
export const noDevice: World = {
  openDevice: () => {
    throw new Error('a device was opened');
  },
};
