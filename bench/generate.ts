// Times text generation, each measurement in a fresh process, after checking that the tokens are right:
//   npx tsx bench/generate.ts [--device auto|webgpu|cpu] [--threads N] [--model DIR] [--runs 5] [--tokens 64]
//     [--prompt-length 32] [--expected FILE]
// The first process finds no compiled programs and an empty Mesa shader cache, the others what it left there.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { loadConfig } from '../models/pldr/index.ts';
import { DEVICE_NAMES, type DeviceName } from '../runtime/open.ts';
import { applyRememberedDriver } from '../scripts/setup/environment.mjs';
import type { Measurement, MeasureRequest } from './measurement.ts';
import { spread } from './statistics.ts';
import { knownTokens, spreadIds, type Expected } from './texts.ts';

/** Tokens that are compared with a second way of computing them, where none are known. */
const COMPARED = 4;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One measurement in a process of its own. */
async function run(request: MeasureRequest): Promise<Measurement> {
  const args = [here('measure.mjs'), JSON.stringify(request)];
  const env = { ...process.env, MESA_SHADER_CACHE_DIR: request.programs };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: here('..') });
  return JSON.parse(stdout);
}

/** Without known tokens, reading the whole text again with the prompt's G must choose the same ones. */
async function tokensOf(request: MeasureRequest): Promise<readonly number[]> {
  return (await run({ ...request, cache: 'g', tokens: Math.min(COMPARED, request.tokens) })).ids;
}

function check(measured: Measurement, ids: readonly number[], what: string): void {
  const wrong = ids.slice(0, measured.ids.length).findIndex((id, i) => id !== measured.ids[i]);
  if (wrong < 0) return;
  throw new Error(`${what}: token ${wrong} is ${measured.ids[wrong]} and should be ${ids[wrong]}; nothing is timed.`);
}

function table(cold: Measurement, warm: readonly Measurement[]): string {
  const { weightBytes, cacheBytes, device, built } = cold;
  const of = (pick: (m: Measurement) => number): readonly number[] => warm.map(pick);
  const mebibytes = (m: Measurement): number => m.peakRssBytes / 1048576;
  const rows: readonly (readonly [string, string])[] = [
    ['first token after start, empty caches [s]', (cold.firstTokenMs / 1000).toFixed(2)],
    ['first token after start, warm [s]', spread(of((m) => m.firstTokenMs / 1000), 2)],
    ['prompt alone, warm [s]', spread(of((m) => m.promptMs / 1000), 3)],
    ['tokens/s after the first', spread(of((m) => m.tokensPerSecond), 1)],
    ['peak resident memory, empty caches [MiB]', mebibytes(cold).toFixed(0)],
    ['peak resident memory, warm [MiB]', spread(of(mebibytes), 0)],
    ['1.1 × weights + caches + 150 MB [MiB]', ((1.1 * weightBytes + cacheBytes + 150e6) / 1048576).toFixed(0)],
    ['1.5 × weights + 300 MB [MiB]', ((1.5 * weightBytes + 300e6) / 1048576).toFixed(0)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const machine = `${device}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, ${built ? 'built package' : 'sources'}`;
  return [
    `${machine}, weights ${(weightBytes / 1048576).toFixed(1)} MiB as f32`,
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
  ].join('\n');
}

/** A cold run that gave the right tokens, and warm ones that gave the same. */
async function measureAll(request: MeasureRequest, runs: number, known: Expected | undefined): Promise<string> {
  const cold = await run(request);
  const right = known?.ids ?? await tokensOf(request);
  check(cold, right, 'with empty caches');
  const warm: Measurement[] = [];
  for (let i = 0; i < runs; i++) {
    const one = await run(request);
    check(one, cold.ids, `run ${i + 1}`);
    warm.push(one);
  }
  const { model, prompt, tokens } = request;
  const checked = Math.min(right.length, tokens);
  const title = `${basename(model)}: ${prompt.length} prompt tokens, ${tokens} new ones (${checked} checked)`;
  return `${title}; median (min … max) of ${runs}\n${table(cold, warm)}`;
}

function deviceNamed(name: string): DeviceName {
  const found = DEVICE_NAMES.find((d) => d === name);
  if (found === undefined) throw new Error(`There is no device "${name}": name one of ${DEVICE_NAMES.join(', ')}.`);
  return found;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    model: { type: 'string', default: here('../checkpoints/pldr-v51-shakespeare') },
    runs: { type: 'string', default: '5' }, tokens: { type: 'string', default: '64' },
    'prompt-length': { type: 'string', default: '32' }, expected: { type: 'string' },
    device: { type: 'string', default: 'auto' }, threads: { type: 'string' },
  } });
  applyRememberedDriver({ load: false }); // measurements are processes of their own
  const model = resolve(values.model);
  const known = await knownTokens(values.expected, model);
  const { vocabSize } = await loadConfig(join(model, 'config.json'));
  const prompt = known?.prompt ?? spreadIds(Number(values['prompt-length']), vocabSize);
  const programs = await mkdtemp(join(tmpdir(), 'ricci-bench-'));
  try {
    const request: MeasureRequest = {
      model, prompt, tokens: Number(values.tokens), cache: 'kv+g', programs,
      device: deviceNamed(values.device), ...(values.threads === undefined ? {} : { threads: Number(values.threads) }),
    };
    console.log(await measureAll(request, Number(values.runs), known));
  } finally {
    await rm(programs, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
