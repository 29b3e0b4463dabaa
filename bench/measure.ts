// One measurement in a process of its own: loads a model, generates greedily, and prints one line of JSON.
//   npx tsx bench/measure.ts '{"model": DIR, "prompt": [5, 7, 9], "tokens": 64, "cache": "kv+g", "programs": FOLDER}'
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digest } from '../dsl/digest.ts';
import { generate, PldrModel, Session, type CacheMode, type ProgramStore } from '../models/pldr/index.ts';
import { openDevice } from '../runtime/index.ts';

export interface MeasureRequest {
  readonly model: string;
  readonly prompt: readonly number[];
  readonly tokens: number;
  readonly cache: CacheMode;
  /** Folder of compiled programs. */
  readonly programs: string;
}

export interface Measurement {
  readonly ids: readonly number[];
  /** From the start of the process: loading, compiling and the prompt's pass. */
  readonly firstTokenMs: number;
  /** From the start of the prompt's pass. */
  readonly promptMs: number;
  /** Tokens after the first, by the time that they took. */
  readonly tokensPerSecond: number;
  readonly weightBytes: number;
  readonly peakRssBytes: number;
  readonly adapter: string;
}

/** Compiled programs as files, as the command line keeps them. */
const programsIn = (folder: string): ProgramStore => ({
  get: (key) => readFile(join(folder, digest(key)), 'utf8').catch(() => undefined),
  put: (key, text) => writeFile(join(folder, digest(key)), text),
});

async function measure({ model: dir, prompt, tokens, cache, programs }: MeasureRequest): Promise<Measurement> {
  const gpu = await openDevice();
  const model = await PldrModel.load(dir, gpu, { store: programsIn(programs) });
  const session = await Session.open(model, { cache });
  const readyMs = performance.now();
  const ids: number[] = [];
  const times: number[] = [];
  for await (const step of generate(session, { rows: [prompt] }, { greedy: true, maxNewTokens: tokens, stopIds: [] })) {
    times.push(performance.now());
    ids.push(step.ids[0]);
  }
  const [error] = gpu.takeErrors();
  if (error !== undefined) throw error;
  const weightBytes = weightBytesOf(session);
  session.close();
  model.close();
  gpu.close();
  return {
    ids, firstTokenMs: times[0], promptMs: times[0] - readyMs,
    tokensPerSecond: ((times.length - 1) * 1000) / (times[times.length - 1] - times[0]),
    weightBytes, peakRssBytes: process.resourceUsage().maxRSS * 1024, adapter: gpu.info.name,
  };
}

/** Weights as they lie in the checkpoint's tensors, widened to f32. */
const weightBytesOf = ({ model }: Session): number =>
  [...model.checkpoint.tensors.values()].reduce((n, t) => n + t.shape.reduce((m, s) => m * s, 1) * 4, 0);

const request: MeasureRequest = JSON.parse(process.argv[2] ?? '{}');
console.log(JSON.stringify(await measure(request)));
