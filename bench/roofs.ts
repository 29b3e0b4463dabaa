// Says how near a model comes to what single kernels of the CPU device reach, and what weights in fewer bits gain:
//   npx tsx bench/roofs.ts [--model DIR] [--threads 2] [--rounds 5] [--tokens 65] [--prompt-length 512] [--fused]
// In each round the kernels and the model, with weights of each storage, have their turn, so that the machine's other
// work falls on all alike. The bytes are those of the weights that a step reads, the operations those of the layers'
// matrices: what else a model does counts as lost time.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { matmul, matvec } from '../cli/bench/kernels/contraction.ts';
import type { Kernel } from '../cli/bench/kernels/kernel.ts';
import { kernelCase } from '../cli/bench/kernels/kernel-case.ts';
import { kernelSizes } from '../cli/bench/kernels/sizes.ts';
import { sample, together } from '../cli/bench/measure.ts';
import { resultOf } from '../cli/bench/report.ts';
import { compile, CPU_TARGET } from '../compiler/index.ts';
import type { WeightStorage } from '../dsl/index.ts';
import { loadConfig, type PldrConfig } from '../models/pldr/index.ts';
import { modelGraph, stepProgram } from '../models/pldr/programs.ts';
import { storageOf } from '../models/pldr/storage.ts';
import { openCpu, type Device } from '../runtime/index.ts';
import { setUpEngine } from '../scripts/engine.mjs';
import type { Measurement, MeasureRequest } from './measurement.ts';
import { spread } from './statistics.ts';
import { spreadIds } from './texts.ts';

const STORAGES: readonly WeightStorage[] = ['f32', 'bf16', 'int8'];
const SECONDS = 0.7;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Round {
  readonly matvec: number;
  readonly matmul: number;
  readonly models: Readonly<Record<string, Measurement>>;
}

async function measured(request: MeasureRequest): Promise<Measurement> {
  const { stdout } = await promisify(execFile)(process.execPath, [here('measure.mjs'), JSON.stringify(request)]);
  return JSON.parse(stdout);
}

/** Bytes of weights that one step reads. */
function stepBytes(config: PldrConfig, storage: WeightStorage): number {
  const source = stepProgram(modelGraph(config, { batch: 1 }), 'kv+g');
  const { programs: [step] } = compile([source], CPU_TARGET, undefined, storageOf(storage));
  return step.kernels.filter((k) => k.cost.parameters.length > 0).reduce((n, k) => n + k.cost.bytesRead, 0);
}

/** Operations of the layers' matrices for a prompt: 4 of attention and 3 of the feed-forward unit. */
const promptFlops = ({ hiddenSize, intermediateSize, layers }: PldrConfig, positions: number): number =>
  2 * positions * layers * hiddenSize * (4 * hiddenSize + 3 * intermediateSize);

/** GB/s or GFLOP/s of a kernel. @throws RicciError `bench/wrong` */
async function rate(device: Device, kernel: Kernel): Promise<number> {
  const now = (): number => performance.now();
  const one = kernelCase({ device, now, seconds: SECONDS, sizes: kernelSizes(device.limits) }, 'roofs', kernel);
  const samples = await sample(one, { seconds: SECONDS, now, trace: undefined });
  if ('reason' in samples) throw new Error(samples.reason);
  return resultOf(one, together([samples])).median;
}

async function oneRound(request: MeasureRequest, threads: number): Promise<Round> {
  const device = await openCpu({ threads, fused: request.fused ?? false });
  const kernels = { matvec: await rate(device, matvec(4096, 'f32')), matmul: await rate(device, matmul(1024, 'f32')) };
  device.close();
  const models: Record<string, Measurement> = {};
  for (const weights of STORAGES) models[weights] = await measured({ ...request, weights, threads });
  return { ...kernels, models };
}

const percent = (part: readonly number[]): string => `${spread(part.map((x) => 100 * x), 0)} %`;

function table(rounds: readonly Round[], config: PldrConfig, prompt: number): string {
  const lines = [
    `matvec 4096²  ${spread(rounds.map((r) => r.matvec), 1)} GB/s`,
    `matmul 1024³  ${spread(rounds.map((r) => r.matmul), 1)} GFLOP/s`,
  ];
  for (const storage of STORAGES) {
    const bytes = stepBytes(config, storage);
    const speed = (r: Round): number => r.models[storage].tokensPerSecond;
    const reading = (r: Round): number => promptFlops(config, prompt) / r.models[storage].promptMs / 1e6;
    lines.push(
      `${storage}: ${(bytes / 1e6).toFixed(0)} MB of weights a step`,
      `  tokens/s ${spread(rounds.map(speed), 1)}`,
      `  of what matvec's bytes take ${percent(rounds.map((r) => (speed(r) * bytes) / 1e9 / r.matvec))}`,
      `  against f32 ${spread(rounds.map((r) => speed(r) / r.models['f32'].tokensPerSecond), 2)}`,
      `  prompt of ${prompt} [s] ${spread(rounds.map((r) => r.models[storage].promptMs / 1000), 2)}`,
      `  of matmul's rate ${percent(rounds.map((r) => reading(r) / r.matmul))}`,
      `  peak memory [MiB] ${spread(rounds.map((r) => r.models[storage].peakRssBytes / 1048576), 0)}`,
    );
  }
  return lines.join('\n');
}

async function main(): Promise<void> {
  setUpEngine(); // as the command does
  const { values } = parseArgs({ options: {
    model: { type: 'string', default: here('../checkpoints/pldr-v51-shakespeare') },
    threads: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '65' }, 'prompt-length': { type: 'string', default: '512' },
    fused: { type: 'boolean', default: false },
  } });
  const model = resolve(values.model);
  const config = await loadConfig(join(model, 'config.json'));
  const [threads, prompt] = [Number(values.threads), Number(values['prompt-length'])];
  const programs = await mkdtemp(join(tmpdir(), 'ricci-bench-'));
  try {
    const request: MeasureRequest = {
      model, prompt: spreadIds(prompt, config.vocabSize), tokens: Number(values.tokens),
      cache: 'kv+g', device: 'cpu', fused: values.fused, programs,
    };
    for (const weights of STORAGES) await measured({ ...request, weights, threads, tokens: 2 }); // programs are kept
    const rounds: Round[] = [];
    for (let i = 0; i < Number(values.rounds); i++) rounds.push(await oneRound(request, threads));
    const machine = `${cpus().length} cores, ${threads} threads, load ${loadavg()[0].toFixed(1)}`;
    console.log(`${basename(model)}, ${machine}; median (min … max) of ${rounds.length} rounds`);
    console.log(table(rounds, config, prompt));
  } finally {
    await rm(programs, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
