// Times Ricci and the same model in other systems, in turn, after checking their logits against each other: on the CPU
// PyTorch and JAX, on the adapter that WebGPU prefers jax-js and tinygrad.
//   sh bench/peers/setup.sh
//   npx tsx bench/peers.ts [--device cpu|webgpu] [--model DIR] [--cache kv+g|none] [--threads 2] [--tokens 33]
//     [--prompt-length 32] [--runs 5] [--repeats 3] [--peers jax-js,tinygrad] [--python FILE]
// With --tokens 1 the prompt alone is timed. A text takes place in a process that has read one before. With the cache
// none, JAX compiles in that text for each length; jax-js and tinygrad would for minutes, and are left out.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from '../models/pldr/index.ts';
import { applyRememberedDriver } from '../scripts/setup/environment.mjs';
import { checkLogits, checkTokens, truthOf, type Truth } from './peers/check.ts';
import { CACHES, DEVICES, type Text, type Timed, type TimedText } from './peers/protocol.ts';
import { openPeers, ricci, VENV_PYTHON, type System, type Terms } from './peers/systems.ts';
import { median, spread } from './statistics.ts';
import { knownTokens, spreadIds } from './texts.ts';

/** Which peers are looked for, and where. */
type Wanted = Pick<Terms, 'peers' | 'python'>;

interface Rounds {
  /** Processes of each system. */
  readonly runs: number;
  /** Texts that a process times. */
  readonly repeats: number;
}

/** Rounds in which every system has its turn, so that the machine's other work falls on all alike. */
async function timeInTurn(
  systems: readonly System[], text: Text, { runs, repeats }: Rounds, truth: Truth,
): Promise<ReadonlyMap<System, readonly Timed[]>> {
  const capacity = text.prompt.length + text.tokens;
  const all = new Map<System, Timed[]>(systems.map((system) => [system, []]));
  for (let run = 0; run < runs; run++) {
    for (const [system, timed] of all) {
      const one = await system.time({ task: 'time', ...text, capacity, repeats });
      for (const generated of one.texts) checkTokens(system.name, generated, truth);
      timed.push(one);
    }
  }
  return all;
}

interface Column {
  readonly name: string;
  readonly of: (timed: readonly Timed[]) => readonly number[];
  readonly digits: number;
}

const eachText = (timed: readonly Timed[], of: (text: TimedText) => number | undefined): readonly number[] =>
  timed.flatMap(({ texts }) => texts.map(of)).filter((x) => x !== undefined);

const COLUMNS: readonly Column[] = [
  { name: 'tokens/s after the first', of: (t) => eachText(t, (x) => x.tokensPerSecond), digits: 1 },
  { name: 'prompt alone [s]', of: (t) => eachText(t, (x) => x.promptSeconds), digits: 4 },
  { name: 'first prompt of a process [s]', of: (t) => t.map((x) => x.firstPromptSeconds), digits: 2 },
];

/** One block for each quantity; the ratio is to Ricci's median. */
function table(measured: ReadonlyMap<System, readonly Timed[]>): string {
  const base = measured.get(ricci) ?? [];
  return COLUMNS.filter(({ of }) => of(base).length > 0).map(({ name, of, digits }) => {
    const rows = [...measured].map(([system, timed]) => {
      const ratio = median(of(timed)) / median(of(base));
      return `  ${system.name.padEnd(8)} ${spread(of(timed), digits).padEnd(36)} ${ratio.toFixed(2)} of Ricci's`;
    });
    return [name, ...rows].join('\n');
  }).join('\n');
}

/** Checks all, then times all. @throws Error when logits or tokens differ */
async function measure(text: Text, rounds: Rounds, known: readonly number[], wanted: Wanted): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ricci-peers-'));
  try {
    const truth = await truthOf(text, folder);
    const wrong = known.slice(0, text.tokens).findIndex((id, i) => id !== truth.ids[i]);
    if (wrong >= 0) throw new Error(`Ricci's token ${wrong} is ${truth.ids[wrong]} and should be ${known[wrong]}.`);
    console.log(`${ricci.name}: ${truth.about}`);
    const peers = await openPeers({ ...text, adapter: truth.adapter, ...wanted }, console.log);
    for (const peer of peers) console.log(`${await checkLogits(peer, text, truth, folder)}; ${peer.about}`);
    return table(await timeInTurn([ricci, ...peers], text, rounds, truth));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One of the values that an option may have. @throws Error that names them */
function oneOf<Value extends string>(option: string, given: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === given);
  if (found === undefined) throw new Error(`There is no ${option} "${given}": name one of ${values.join(', ')}.`);
  return found;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    model: { type: 'string', default: fileURLToPath(new URL('../checkpoints/pldr-v51-shakespeare', import.meta.url)) },
    threads: { type: 'string', default: '2' }, tokens: { type: 'string', default: '33' },
    'prompt-length': { type: 'string' }, runs: { type: 'string', default: '5' },
    repeats: { type: 'string', default: '3' }, device: { type: 'string', default: 'cpu' },
    cache: { type: 'string', default: 'kv+g' }, peers: { type: 'string' }, python: { type: 'string', default: VENV_PYTHON },
  } });
  const model = resolve(values.model);
  const { vocabSize } = await loadConfig(join(model, 'config.json'));
  const length = values['prompt-length'];
  const isKnown = length === undefined && values.cache === 'kv+g';
  const known = isKnown ? await knownTokens(undefined, model) : undefined;
  const prompt = known?.prompt ?? spreadIds(Number(length ?? 32), vocabSize);
  const text: Text = {
    model, prompt, tokens: Number(values.tokens), threads: Number(values.threads),
    device: oneOf('device', values.device, DEVICES), cache: oneOf('cache', values.cache, CACHES),
  };
  applyRememberedDriver({ load: false }); // every task is a process of its own
  const device = text.device === 'cpu' ? `${text.threads} threads` : text.device;
  const machine = `${device}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)} before`;
  const rounds = { runs: Number(values.runs), repeats: Number(values.repeats) };
  const measured = await measure(text, rounds, known?.ids ?? [], { python: values.python, peers: values.peers });
  console.log(`${basename(model)}: ${prompt.length} prompt tokens, ${text.tokens} new ones, ${text.cache}; ${machine}`);
  console.log(`median (min … max) of ${rounds.runs} processes with ${rounds.repeats} texts each\n${measured}`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
