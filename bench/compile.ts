// Times the compilation of a model's two programs, each in a fresh process, from nothing and from the disk cache:
//   npx tsx bench/compile.ts [--preset v51-110M-1 | --config FILE | --model DIR] [--target cpu|webgpu] [--runs 5]
// For WebGPU this includes the driver's pipelines: the first process finds an empty Mesa shader cache as well, the second
// what the first left there.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { loadConfig, type PldrConfig } from '../models/pldr/index.ts';
import { isPresetName, PRESETS } from '../models/pldr/presets.ts';
import { applyRememberedDriver } from '../scripts/setup/environment.mjs';
import type { Compilation, CompileRequest } from './compilation.ts';
import { spread } from './statistics.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One compilation in a process of its own. */
async function run(request: CompileRequest): Promise<Compilation> {
  const args = [here('compile-once.mjs'), JSON.stringify(request)];
  const env = { ...process.env, MESA_SHADER_CACHE_DIR: request.programs };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: here('..') });
  return JSON.parse(stdout);
}

/** A compilation that finds nothing, and one that finds what the first left. */
async function runTwice(request: Omit<CompileRequest, 'programs'>): Promise<readonly [Compilation, Compilation]> {
  const programs = await mkdtemp(join(tmpdir(), 'ricci-bench-'));
  try {
    return [await run({ ...request, programs }), await run({ ...request, programs })];
  } finally {
    await rm(programs, { recursive: true, force: true });
  }
}

const totalMs = (c: Compilation): number => Object.values(c.phasesMs).reduce((a, b) => a + b, 0);

function table(pairs: readonly (readonly [Compilation, Compilation])[]): string {
  const [cold, cached] = [0, 1].map((i) => pairs.map((pair) => pair[i]));
  const of = (all: readonly Compilation[], pick: (c: Compilation) => number, digits = 0): string =>
    spread(all.map(pick), digits);
  const phases = Object.keys(cold[0].phasesMs).filter((name) => name !== 'cache');
  const mebibytes = (c: Compilation): number => c.peakRssBytes / 1048576;
  const rows: readonly (readonly [string, string])[] = [
    ['loading modules [ms]', of(cold, (c) => c.modulesMs)],
    ['both programs, from nothing [ms]', of(cold, totalMs)],
    ...phases.map((name): [string, string] => [`  ${name}`, of(cold, (c) => c.phasesMs[name])]),
    ['both programs, from the disk cache [ms]', of(cached, totalMs)],
    ['processor time of the process, from nothing [ms]', of(cold, (c) => c.userMs)],
    ['peak resident memory, from nothing [MiB]', of(cold, mebibytes)],
    ['peak resident memory, from the disk cache [MiB]', of(cached, mebibytes)],
    ...cold[0].programs.map((p): [string, string] =>
      [p.name, `${p.kernels} kernels, ${p.distinct} distinct, ${(p.moduleBytes / 1024).toFixed(1)} KiB`]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

interface Chosen {
  readonly preset?: string | undefined;
  readonly config?: string | undefined;
  readonly model?: string | undefined;
}

async function configOf({ preset = 'v51-110M-1', config, model }: Chosen): Promise<readonly [string, PldrConfig]> {
  const file = config ?? (model === undefined ? undefined : join(model, 'config.json'));
  if (file !== undefined) return [file, await loadConfig(file)];
  if (isPresetName(preset)) return [preset, PRESETS[preset]];
  throw new Error(`There is no preset "${preset}": name one of ${Object.keys(PRESETS).join(', ')}.`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: {
    preset: { type: 'string' }, config: { type: 'string' }, model: { type: 'string' },
    target: { type: 'string', default: 'cpu' }, runs: { type: 'string', default: '5' },
  } });
  const { target } = values;
  if (target !== 'cpu' && target !== 'webgpu') throw new Error(`There is no target "${target}": name cpu or webgpu.`);
  if (target === 'webgpu') applyRememberedDriver({ load: false }); // measurements are processes of their own
  const [name, config] = await configOf(values);
  const pairs: (readonly [Compilation, Compilation])[] = [];
  for (let i = 0; i < Number(values.runs); i++) pairs.push(await runTwice({ config, target }));
  const built = pairs[0][0].built ? 'built package' : 'sources';
  const machine = `${cpus()[0].model}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, ${built}`;
  const device = pairs[0][0].device ?? target;
  console.log(`${name} for ${device}; median (min … max) of ${values.runs}\n${machine}\n${table(pairs)}`);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
