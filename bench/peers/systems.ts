import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  CACHES, type About, type Cache, type Device, type LogitsRequest, type MatmulRequest, type Reference,
  type ReferenceRequest, type Request, type Timed, type TimedMatmul, type TimedTraining, type TimeRequest,
  type TrainRequest,
} from './protocol.ts';

/** Something that generates text and multiplies matrices; every task runs in a process of its own. */
export interface System {
  readonly name: string;
  readonly time: (request: TimeRequest) => Promise<Timed>;
  readonly multiply: (request: MatmulRequest) => Promise<TimedMatmul>;
}

export interface Peer extends System, About {
  readonly writeLogits: (request: LogitsRequest) => Promise<unknown>;
}

/** A program that may serve as a peer, whether it is installed or not. */
interface Candidate {
  readonly name: string;
  readonly device: Device;
  /** One that compiles for each length of a text, for seconds, is no measure of a text that is read at each length. */
  readonly caches: readonly Cache[];
  readonly args: readonly string[];
}

export const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where setup.sh puts the peers in Python. */
export const VENV_PYTHON = here('.venv/bin/python');

const CANDIDATES: readonly Candidate[] = [
  { name: 'PyTorch', device: 'cpu', caches: CACHES, args: [here('run.py'), 'torch'] },
  { name: 'JAX', device: 'cpu', caches: CACHES, args: [here('run.py'), 'jax'] },
  { name: 'jax-js', device: 'webgpu', caches: ['kv+g'], args: [here('js/run.mjs')] },
  { name: 'tinygrad', device: 'webgpu', caches: ['kv+g'], args: [here('run.py'), 'tinygrad'] },
];

/** Runs a program whose last line of output is JSON. @throws Error with what it wrote to stderr when it fails */
export async function call<Result>(program: string, args: readonly string[], request: Request): Promise<Result> {
  const ended = promisify(execFile)(program, [...args, JSON.stringify(request)], { maxBuffer: 1 << 24 });
  const { stdout } = await ended.catch((failure: Error & { readonly stderr?: string }) => {
    throw new Error(failure.stderr?.trim() || failure.message, { cause: failure }); // the command itself may be pages
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

/** Ricci on a device, as a system beside its peers. */
export interface Ricci extends System {
  readonly reference: (request: ReferenceRequest) => Promise<Reference>;
  readonly train: (request: TrainRequest) => Promise<TimedTraining>;
}

const callRicci = <Result>(request: Request): Promise<Result> =>
  call<Result>(process.execPath, [here('ricci.mjs')], request);

export const ricci: Ricci = {
  name: 'Ricci',
  time: (request) => callRicci<Timed>(request),
  multiply: (request) => callRicci<TimedMatmul>(request),
  reference: (request) => callRicci<Reference>(request),
  train: (request) => callRicci<TimedTraining>(request),
};

/** What a peer must have in common with Ricci to be measured beside it. */
export interface Terms {
  readonly device: Device;
  readonly cache: Cache;
  /** What the driver calls Ricci's adapter, on the device webgpu. */
  readonly adapter: string | undefined;
  /** The Python that has the peers in Python. */
  readonly python: string;
  /** Only these peers, with commas between their names; all where it is left out. */
  readonly peers: string | undefined;
}

/** The peers that are installed and run under these terms; `note` hears about each that does not, and why. */
export async function openPeers(terms: Terms, note: (line: string) => void): Promise<readonly Peer[]> {
  const peers: Peer[] = [];
  for (const candidate of wanted(terms)) {
    try {
      peers.push(await openPeer(candidate, terms));
    } catch (thrown) {
      note(`${candidate.name} is left out: ${lastLine(thrown)}.`);
    }
  }
  return peers;
}

/** @throws Error where a name is that of no peer on the device */
function wanted({ device, peers }: Terms): readonly Candidate[] {
  const there = CANDIDATES.filter((candidate) => candidate.device === device);
  const names = peers?.split(',') ?? there.map(({ name }) => name);
  const unknown = names.filter((name) => there.every((candidate) => candidate.name !== name));
  if (unknown.length === 0) return there.filter(({ name }) => names.includes(name));
  const known = there.map(({ name }) => name).join(', ');
  throw new Error(`There is no peer ${unknown.join(', ')} on the device ${device}: name some of ${known}.`);
}

const lastLine = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).trim().split('\n').at(-1) ?? '';

/** @throws Error where it is not installed, or runs under other terms */
async function openPeer({ name, caches, args }: Candidate, { cache, adapter, python }: Terms): Promise<Peer> {
  if (!caches.includes(cache)) throw new Error(`with the cache ${cache} it would compile anew for each token`);
  const program = args[0].endsWith('.py') ? python : process.execPath;
  const about = await call<About>(program, args, { task: 'about' }).catch((thrown: unknown) => {
    throw new Error(`${lastLine(thrown)} (\`sh bench/peers/setup.sh\` installs it)`, { cause: thrown });
  });
  if (about.adapter !== adapter) throw new Error(`its adapter is ${about.adapter}, and Ricci's is ${adapter}`);
  return {
    name,
    ...about,
    time: (request) => call<Timed>(program, args, request),
    multiply: (request) => call<TimedMatmul>(program, args, request),
    writeLogits: (request) => call(program, args, request),
  };
}
