// Times products of square matrices on the adapter that WebGPU prefers, in Ricci, jax-js and tinygrad in turn, after
// checking each result against sums in double precision:
//   sh bench/peers/setup.sh
//   npx tsx bench/peers/matmul.ts [--sizes 512,1024] [--runs 3] [--repeats 9] [--peers jax-js] [--python FILE]
// Time ends when the device is done. The second matrix lies as it is (a·b), or with the summed axis last (a·bᵀ), as the
// weights of linear layers do.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { applyRememberedDriver } from '../../scripts/setup/environment.mjs';
import { median, spread } from '../statistics.ts';
import { PRODUCTS, type MatmulRequest, type Product } from './protocol.ts';
import { openPeers, ricci, VENV_PYTHON, type System, type Terms } from './systems.ts';

/** Entries of a result that are compared. */
const SAMPLES = 1000;

/** An f32 result may be off by so much of the sum of its terms' sizes: a sum of n terms rounds n times at worst. */
const PER_TERM = 2 ** -24;

interface Matrices {
  readonly n: number;
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** Where they lie, and where a product goes. */
  readonly files: Pick<MatmulRequest, 'first' | 'second' | 'out'>;
}

/** Numbers between -1/2 and 1/2, the same on every machine. */
const matrix = (n: number, step: number): Float32Array =>
  Float32Array.from({ length: n * n }, (_, i) => ((i * step) % 65521) / 65521 - 0.5);

async function matricesIn(folder: string, n: number): Promise<Matrices> {
  const [first, second] = [matrix(n, 7919), matrix(n, 104729)];
  const files = { first: join(folder, 'first'), second: join(folder, 'second'), out: join(folder, 'product') };
  await writeFile(files.first, first);
  await writeFile(files.second, second);
  return { n, first, second, files };
}

/** @throws Error where an entry of the product is further from the sum in double precision than roundings explain */
async function check(name: string, product: Product, { n, first, second, files }: Matrices): Promise<void> {
  const bytes = await readFile(files.out);
  const result = new Float32Array(new Uint8Array(bytes).buffer);
  if (result.length !== n * n) throw new Error(`${name} wrote ${result.length} numbers instead of ${n * n}.`);
  const [row, column] = product === 'a·b' ? [n, 1] : [1, n];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const at = (sample * 15485863) % (n * n);
    const [i, j] = [Math.floor(at / n), at % n];
    let [sum, size] = [0, 0];
    for (let k = 0; k < n; k++) {
      const term = first[i * n + k] * second[k * row + j * column];
      sum += term;
      size += Math.abs(term);
    }
    if (Math.abs(result[at] - sum) <= n * PER_TERM * size) continue;
    throw new Error(`${name}: ${product} of ${n}³ at ${i}, ${j} is ${result[at]} and should be ${sum}.`);
  }
}

interface Rounds {
  /** Processes of each system. */
  readonly runs: number;
  /** Products that a process times. */
  readonly repeats: number;
}

/** GFLOP/s of every product, in rounds in which each system has its turn. */
async function rates(
  systems: readonly System[], product: Product, matrices: Matrices, { runs, repeats }: Rounds,
): Promise<ReadonlyMap<System, readonly number[]>> {
  const all = new Map<System, number[]>(systems.map((system) => [system, []]));
  for (let run = 0; run < runs; run++) {
    for (const [system, rate] of all) {
      const { n, files } = matrices;
      const request: MatmulRequest = { task: 'matmul', device: 'webgpu', product, n, ...files, repeats };
      await rm(files.out, { force: true }); // no system is to pass with another one's product
      const { seconds } = await system.multiply(request);
      await check(system.name, product, matrices);
      rate.push(...seconds.map((s) => (2 * n ** 3) / s / 1e9));
    }
  }
  return all;
}

function table(title: string, measured: ReadonlyMap<System, readonly number[]>): string {
  const base = median(measured.get(ricci) ?? []);
  const rows = [...measured].map(([{ name }, rate]) =>
    `  ${name.padEnd(8)} ${spread(rate, 1).padEnd(28)} ${(median(rate) / base).toFixed(3)} of Ricci's`);
  return [title, ...rows].join('\n');
}

/** Ricci, and those that compute on its adapter. */
async function openSystems(folder: string, wanted: Pick<Terms, 'peers' | 'python'>): Promise<readonly System[]> {
  const { n, files } = await matricesIn(folder, 64);
  const request: MatmulRequest = { task: 'matmul', device: 'webgpu', product: 'a·b', n, ...files, repeats: 1 };
  const { about, adapter } = await ricci.multiply(request);
  console.log(`${ricci.name}: ${about}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)} before`);
  const peers = await openPeers({ device: 'webgpu', cache: 'kv+g', adapter, ...wanted }, console.log);
  for (const peer of peers) console.log(`${peer.name}: ${peer.about}`);
  return [ricci, ...peers];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    sizes: { type: 'string', default: '512,1024' }, runs: { type: 'string', default: '3' },
    repeats: { type: 'string', default: '9' }, peers: { type: 'string' },
    python: { type: 'string', default: VENV_PYTHON },
  } });
  applyRememberedDriver({ load: false }); // every task is a process of its own
  const rounds = { runs: Number(values.runs), repeats: Number(values.repeats) };
  const folder = await mkdtemp(join(tmpdir(), 'ricci-matmul-'));
  try {
    const systems = await openSystems(folder, { python: values.python, peers: values.peers });
    console.log(`median (min … max) of ${rounds.runs} processes with ${rounds.repeats} products each`);
    for (const n of values.sizes.split(',').map(Number)) {
      const matrices = await matricesIn(folder, n);
      for (const product of PRODUCTS) {
        const measured = await rates(systems, product, matrices, rounds);
        console.log(table(`${product}, ${n}³ [GFLOP/s]`, measured));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
