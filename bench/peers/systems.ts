import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { About, LogitsRequest, Reference, ReferenceRequest, Request, Timed, TimeRequest } from './protocol.ts';

/** Something that generates text; every task runs in a process of its own. */
export interface System {
  readonly name: string;
  readonly time: (request: TimeRequest) => Promise<Timed>;
}

export interface Peer extends System {
  readonly about: string;
  readonly writeLogits: (request: LogitsRequest) => Promise<unknown>;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where setup.sh puts the peers. */
export const VENV_PYTHON = here('.venv/bin/python');

/** Runs a program whose last line of output is JSON. @throws Error with what it wrote to stderr when it fails */
async function call<Result>(program: string, args: readonly string[], request: Request): Promise<Result> {
  const ended = promisify(execFile)(program, [...args, JSON.stringify(request)], { maxBuffer: 1 << 24 });
  const { stdout } = await ended.catch((failure: Error & { readonly stderr?: string }) => {
    throw new Error(failure.stderr?.trim() || failure.message, { cause: failure }); // the command itself may be pages
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

const callRicci = <Result>(request: Request): Promise<Result> =>
  call<Result>(process.execPath, [here('ricci.mjs')], request);

export const ricci: System & { readonly reference: (request: ReferenceRequest) => Promise<Reference> } = {
  name: 'Ricci',
  time: (request) => callRicci<Timed>(request),
  reference: (request) => callRicci<Reference>(request),
};

/** A peer that run.py serves with that Python. @throws Error where it is not installed there */
export async function openPeer(name: 'torch' | 'jax', python: string): Promise<Peer> {
  const args = [here('run.py'), name];
  const { about } = await call<About>(python, args, { task: 'about' });
  return {
    name: name === 'torch' ? 'PyTorch' : 'JAX',
    about,
    time: (request) => call<Timed>(python, args, request),
    writeLogits: (request) => call(python, args, request),
  };
}
