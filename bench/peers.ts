// Times the CPU device and the same model in PyTorch and JAX, in turn, after checking their logits against each other:
//   sh bench/peers/setup.sh
//   npx tsx bench/peers.ts [--model DIR] [--threads 2] [--tokens 33] [--prompt-length 32] [--runs 5] [--python FILE]
// With --tokens 1 the prompt alone is timed. A text takes place in a process that has read one before.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from '../models/pldr/index.ts';
import { checkLogits, checkTokens, truthOf, type Truth } from './peers/check.ts';
import type { Text, Timed, TimedText } from './peers/protocol.ts';
import { openPeer, ricci, VENV_PYTHON, type Peer, type System } from './peers/systems.ts';
import { median, spread } from './statistics.ts';
import { knownTokens, spreadIds } from './texts.ts';

/** Texts that a process times. */
const REPEATS = 3;

async function installed(name: 'torch' | 'jax', python: string): Promise<readonly Peer[]> {
  try {
    return [await openPeer(name, python)];
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.trim().split('\n').at(-1) : thrown;
    console.log(`${name} is left out (${reason}): \`sh bench/peers/setup.sh\` installs it.`);
    return [];
  }
}

/** Rounds in which every system has its turn, so that the machine's other work falls on all alike. */
async function timeInTurn(
  systems: readonly System[], text: Text, runs: number, truth: Truth,
): Promise<ReadonlyMap<System, readonly Timed[]>> {
  const capacity = text.prompt.length + text.tokens;
  const all = new Map<System, Timed[]>(systems.map((system) => [system, []]));
  for (let run = 0; run < runs; run++) {
    for (const [system, timed] of all) {
      const one = await system.time({ task: 'time', ...text, capacity, repeats: REPEATS });
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
async function measure(text: Text, runs: number, known: readonly number[], python: string): Promise<string> {
  const peers = [...await installed('torch', python), ...await installed('jax', python)];
  const folder = await mkdtemp(join(tmpdir(), 'ricci-peers-'));
  try {
    const truth = await truthOf(text, folder);
    const wrong = known.slice(0, text.tokens).findIndex((id, i) => id !== truth.ids[i]);
    if (wrong >= 0) throw new Error(`Ricci's token ${wrong} is ${truth.ids[wrong]} and should be ${known[wrong]}.`);
    console.log(`${ricci.name}: ${truth.about}`);
    for (const peer of peers) console.log(`${await checkLogits(peer, text, truth, folder)}; ${peer.about}`);
    return table(await timeInTurn([ricci, ...peers], text, runs, truth));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    model: { type: 'string', default: fileURLToPath(new URL('../checkpoints/pldr-v51-shakespeare', import.meta.url)) },
    threads: { type: 'string', default: '2' }, tokens: { type: 'string', default: '33' },
    'prompt-length': { type: 'string' }, runs: { type: 'string', default: '5' },
    python: { type: 'string', default: VENV_PYTHON },
  } });
  const model = resolve(values.model);
  const { vocabSize } = await loadConfig(join(model, 'config.json'));
  const length = values['prompt-length'];
  const known = length === undefined ? await knownTokens(undefined, model) : undefined;
  const prompt = known?.prompt ?? spreadIds(Number(length ?? 32), vocabSize);
  const [threads, tokens, runs] = [Number(values.threads), Number(values.tokens), Number(values.runs)];
  const text = { model, prompt, tokens, threads };
  const machine = `${cpus().length} cores, ${threads} threads, load ${loadavg()[0].toFixed(1)} before`;
  const measured = await measure(text, runs, known?.ids ?? [], values.python);
  console.log(`${basename(model)}: ${prompt.length} prompt tokens, ${tokens} new ones; ${machine}`);
  console.log(`median (min … max) of ${runs} processes with ${REPEATS} texts each\n${measured}`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
