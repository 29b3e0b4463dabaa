// Times updates of a training in Ricci and in PyTorch, plain and with torch.compile, in turn, after checking the losses
// of the first updates against each other:
//   sh bench/peers/setup.sh
//   npx tsx bench/peers/training.ts [--device cpu|webgpu] [--model DIR] [--batch 16] [--context 128] [--threads 1,2]
//     [--fused] [--runs 3] [--repeats 5] [--peers PyTorch,compiled] [--python FILE]
// The text is that of README.md and ARCHITECTURE.md. Beside Ricci's device webgpu, PyTorch computes by CUDA.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadTokenizer } from '../../models/pldr/index.ts';
import { applyRememberedDriver } from '../../scripts/setup/environment.mjs';
import { median, spread } from '../statistics.ts';
import type { TimedTraining, TrainingDevice, TrainingTerms } from './protocol.ts';
import { call, here, ricci, VENV_PYTHON } from './systems.ts';

/** Batches that are trained on in turn; each of the first updates has another one. */
const BATCHES = 3;
/** The first update of the authors' schedule goes nowhere; after two more, weights and moments are in the loss. */
const RATES = [0, 1e-3, 1e-3];
/** As the authors train (spec section 8). */
const RECIPE = { betas: [0.9, 0.95], eps: 1e-5, weightDecay: 0.1, clip: 1 } as const;
/** How far a loss may be from Ricci's, in nats: roundings of f32 alone have made them differ by less than 1e-4. */
const BOUND = 1e-3;

/** A way to make so many updates, in a process of its own. */
interface TrainedSystem {
  readonly name: string;
  readonly train: (terms: TrainingTerms, repeats: number) => Promise<TimedTraining>;
}

/** Ricci first. */
function systemsOn(
  device: 'cpu' | 'webgpu', python: string, peers: readonly string[], fused: boolean,
): readonly TrainedSystem[] {
  const request = (terms: TrainingTerms, repeats: number, on: TrainingDevice, compiled: boolean) =>
    ({ task: 'train', ...terms, repeats, device: on, compiled, fused }) as const;
  const peer = (name: string, compiled: boolean): TrainedSystem => ({
    name,
    train: (terms, repeats) => call<TimedTraining>(
      python, [here('run.py'), 'torch'], request(terms, repeats, device === 'cpu' ? 'cpu' : 'cuda', compiled),
    ),
  });
  return [
    { name: ricci.name, train: (terms, repeats) => ricci.train(request(terms, repeats, device, false)) },
    ...[peer('PyTorch', false), peer('compiled', true)].filter(({ name }) => peers.includes(name)),
  ];
}

/** Writes chunks of a text, one after the other. @throws Error where it has too few tokens */
async function writeChunks(out: string, model: string, tokens: number): Promise<void> {
  const tokenizer = await loadTokenizer(join(model, 'tokenizer.model'));
  const texts = await Promise.all(['README.md', 'ARCHITECTURE.md'].map((f) => readFile(here(`../../${f}`), 'utf8')));
  const ids = tokenizer.encode(texts.join('\n'));
  if (ids.length < tokens) throw new Error(`The text has ${ids.length} tokens and should have ${tokens}.`);
  await writeFile(out, Int32Array.from(ids.slice(0, tokens)));
}

/** @throws Error where a loss is further from Ricci's than roundings explain */
function checkLosses(name: string, { losses }: TimedTraining, right: readonly number[]): number {
  const apart = Math.max(...right.map((loss, i) => Math.abs(loss - losses[i])));
  if (apart <= BOUND) return apart;
  const shown = (values: readonly number[]): string => values.map((x) => x.toFixed(5)).join(', ');
  throw new Error(`${name}: the first losses are ${shown(losses)} and should be ${shown(right)}; nothing is timed.`);
}

/** The systems that are there and agree. @throws Error where one does not agree */
async function checked(
  systems: readonly TrainedSystem[], terms: TrainingTerms,
): Promise<{ readonly agreeing: readonly TrainedSystem[]; readonly losses: readonly number[] }> {
  const [own, ...peers] = systems;
  const { losses, about } = await own.train(terms, 0);
  console.log(`${own.name}: losses ${losses.map((x) => x.toFixed(5)).join(', ')}; ${about}`);
  const agreeing = [own];
  for (const peer of peers) {
    const timed = await peer.train(terms, 0).catch((thrown: unknown) => {
      console.log(`${peer.name} is left out: ${String(thrown).trim().split('\n').at(-1)} (see bench/peers/setup.sh)`);
    });
    if (timed === undefined) continue;
    const apart = checkLosses(peer.name, timed, losses);
    console.log(`${peer.name}: losses within ${apart.toExponential(1)} of Ricci's (bound ${BOUND}); ${timed.about}`);
    agreeing.push(peer);
  }
  return { agreeing, losses };
}

interface Rounds {
  /** Processes of each system. */
  readonly runs: number;
  /** Updates that a process times. */
  readonly repeats: number;
}

type Seconds = ReadonlyMap<TrainedSystem, readonly number[]>;

/** Rounds in which every system has its turn with each number of threads. */
async function timeInTurn(
  systems: readonly TrainedSystem[], terms: TrainingTerms, threads: readonly number[], right: readonly number[],
  { runs, repeats }: Rounds,
): Promise<ReadonlyMap<number, Seconds>> {
  const all = new Map(threads.map((n) => [n, new Map(systems.map((s): [TrainedSystem, number[]] => [s, []]))]));
  for (let run = 0; run < runs; run++) {
    for (const [n, measured] of all) {
      for (const [system, seconds] of measured) {
        const timed = await system.train({ ...terms, threads: n }, repeats);
        checkLosses(system.name, timed, right);
        seconds.push(...timed.seconds);
      }
    }
  }
  return all;
}

/** The ratio is of medians, to Ricci's. */
function table(measured: Seconds, tokens: number): string {
  const [[, own]] = measured;
  return [...measured].map(([{ name }, seconds]) => {
    const rate = spread(seconds.map((s) => tokens / s), 0);
    const ratio = (median(own) / median(seconds)).toFixed(2);
    const ms = spread(seconds.map((s) => 1000 * s), 0);
    return `  ${name.padEnd(8)} ${rate.padEnd(24)} ${ms.padEnd(20)} ${ratio} of Ricci's`;
  }).join('\n');
}

function optionsOf() {
  const model = fileURLToPath(new URL('../../checkpoints/pldr-v51-shakespeare', import.meta.url));
  return parseArgs({ options: {
    model: { type: 'string', default: model }, device: { type: 'string', default: 'cpu' },
    batch: { type: 'string', default: '16' }, context: { type: 'string', default: '128' },
    threads: { type: 'string', default: '1,2' }, runs: { type: 'string', default: '3' },
    repeats: { type: 'string', default: '5' }, peers: { type: 'string', default: 'PyTorch,compiled' },
    fused: { type: 'boolean', default: false }, python: { type: 'string', default: VENV_PYTHON },
  } }).values;
}

async function main(): Promise<void> {
  const { device, peers, python, fused, ...given } = optionsOf();
  if (device !== 'cpu' && device !== 'webgpu') throw new Error(`There is no device "${device}": name cpu or webgpu.`);
  applyRememberedDriver({ load: false }); // every task is a process of its own
  const folder = await mkdtemp(join(tmpdir(), 'ricci-training-'));
  try {
    const [model, batch, context] = [resolve(given.model), Number(given.batch), Number(given.context)];
    const chunks = join(folder, 'chunks');
    await writeChunks(chunks, model, BATCHES * batch * context);
    const threads = device === 'cpu' ? given.threads.split(',').map(Number) : [0];
    const terms = { model, batch, positions: context - 1, chunks, rates: RATES, ...RECIPE, threads: threads[0] };
    const load = loadavg()[0].toFixed(1);
    const { agreeing, losses } = await checked(systemsOn(device, python, peers.split(','), fused), terms);
    const rounds = { runs: Number(given.runs), repeats: Number(given.repeats) };
    const measured = await timeInTurn(agreeing, terms, threads, losses, rounds);
    const machine = `${device}${fused ? ', fused' : ''}, ${cpus().length} cores, load ${load} before`;
    console.log(`${basename(model)}: ${batch} chunks of ${context}; ${machine}`);
    console.log(`median (min … max) of ${rounds.runs} processes with ${rounds.repeats} updates each`);
    for (const [n, seconds] of measured) {
      const where = n === 0 ? device : `${n} threads`;
      console.log(`${where}: tokens/s, ms per update\n${table(seconds, batch * (context - 1))}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
