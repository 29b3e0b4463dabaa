// Times how long the driver takes to compile each pipeline that generating with a model makes, with no shader cache:
//   npx tsx bench/pipelines.ts [--model DIR] [--runs 3]
// Drivers may put their work off until a pipeline first runs, so each is made anew, alone, and run once over buffers of ones.
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { generate, PldrModel, Session } from '../models/pldr/index.ts';
import { openDevice } from '../runtime/index.ts';
import { applyRememberedDriver } from '../scripts/setup/environment.mjs';
import { spread } from './statistics.ts';

/** What a pipeline was made of. */
interface Recipe {
  readonly label: string;
  readonly code: string;
  readonly entryPoint: string | undefined;
  readonly groups: readonly (readonly GPUBindGroupLayoutEntry[])[];
}

interface Timed {
  readonly label: string;
  readonly ms: number;
}

const BUFFER_BYTES = 65536;

/** Notes the recipe of every pipeline that the device makes from here on. */
function recording(device: GPUDevice): readonly Recipe[] {
  const recipes: Recipe[] = [];
  const codes = new WeakMap<GPUShaderModule, string>();
  const entries = new WeakMap<GPUBindGroupLayout, readonly GPUBindGroupLayoutEntry[]>();
  const layouts = new WeakMap<GPUPipelineLayout, Recipe['groups']>();
  const make = {
    module: device.createShaderModule.bind(device), group: device.createBindGroupLayout.bind(device),
    layout: device.createPipelineLayout.bind(device), pipeline: device.createComputePipeline.bind(device),
    later: device.createComputePipelineAsync.bind(device),
  };
  const note = ({ label, compute, layout }: GPUComputePipelineDescriptor): void => {
    const code = codes.get(compute.module);
    const groups = layout === 'auto' ? undefined : layouts.get(layout);
    if (code === undefined || groups === undefined) throw new Error('A pipeline was made of parts that were not seen.');
    recipes.push({ label: label ?? firstComment(code), code, entryPoint: compute.entryPoint, groups });
  };
  device.createShaderModule = (d) => remember(codes, make.module(d), d.code);
  device.createBindGroupLayout = (d) => remember(entries, make.group(d), [...d.entries]);
  device.createPipelineLayout = (d) => {
    const groups = [...d.bindGroupLayouts].map((g) => (g === null || g === undefined ? [] : entries.get(g) ?? []));
    return remember(layouts, make.layout(d), groups);
  };
  device.createComputePipeline = (d) => (note(d), make.pipeline(d));
  device.createComputePipelineAsync = (d) => (note(d), make.later(d));
  return recipes;
}

function remember<K extends object, V>(map: WeakMap<K, V>, key: K, value: V): K {
  map.set(key, value);
  return key;
}

const firstComment = (code: string): string => /^\s*\/\/\s*(.*)$/m.exec(code)?.[1].slice(0, 60) ?? 'unnamed';

/** Every pipeline of a prompt, of steps, of greedy choice and of sampling. */
async function recipesOf(dir: string): Promise<readonly Recipe[]> {
  const device = await openDevice();
  const recipes = recording(device.gpu);
  const model = await PldrModel.load(dir, device);
  const session = await Session.open(model);
  for (const greedy of [true, false]) {
    const options = greedy ? { greedy } : { temperature: 1, topK: 40, topP: 0.9, minP: 0.01, repetitionPenalty: 1.1, seed: 1 };
    for await (const _ of generate(session, { rows: [[5, 7, 9]] }, { ...options, maxNewTokens: 2, stopIds: [] }));
  }
  session.close();
  model.close();
  device.close();
  return recipes;
}

/** Making one pipeline and running it once, until the device is done. */
async function timeOne(device: GPUDevice, recipe: Recipe): Promise<Timed> {
  const ones = new Uint32Array(BUFFER_BYTES / 4).fill(1);
  const layouts = recipe.groups.map((entries) => device.createBindGroupLayout({ entries }));
  const groups = recipe.groups.map((entries, i) => device.createBindGroup({
    layout: layouts[i],
    entries: entries.map((e): GPUBindGroupEntry => {
      const usage = (e.buffer?.type === 'uniform' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE) | GPUBufferUsage.COPY_DST;
      const buffer = device.createBuffer({ size: BUFFER_BYTES, usage });
      device.queue.writeBuffer(buffer, 0, ones);
      return { binding: e.binding, resource: { buffer, size: BUFFER_BYTES - 256 } };
    }),
  }));
  await device.queue.onSubmittedWorkDone();
  const started = performance.now();
  const module = device.createShaderModule({ code: recipe.code });
  const pipeline = await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: layouts }),
    compute: { module, ...(recipe.entryPoint === undefined ? {} : { entryPoint: recipe.entryPoint }) },
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  groups.forEach((g, i) => pass.setBindGroup(i, g, recipe.groups[i].flatMap((e) => (e.buffer?.hasDynamicOffset === true ? [0] : []))));
  pass.dispatchWorkgroups(1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
  return { label: recipe.label, ms: performance.now() - started };
}

/** In this process, which has no shader cache: all pipelines, each timed once. */
async function measure(dir: string): Promise<readonly Timed[]> {
  const recipes = await recipesOf(dir);
  const device = await openDevice();
  const timed: Timed[] = [];
  for (const recipe of recipes) timed.push(await timeOne(device.gpu, recipe));
  const [error] = device.takeErrors();
  if (error !== undefined) throw error;
  device.close();
  return timed;
}

/** The same in a process of its own; drivers read where their cache is when they start. */
async function measureApart(dir: string): Promise<readonly Timed[]> {
  const env = { ...process.env, MESA_SHADER_CACHE_DISABLE: 'true' };
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--model', dir, '--once'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout);
}

const { values } = parseArgs({ options: {
  model: { type: 'string', default: fileURLToPath(new URL('../checkpoints/pldr-v51-shakespeare', import.meta.url)) },
  runs: { type: 'string', default: '3' }, once: { type: 'boolean', default: false },
} });
if (values.once) {
  console.log(JSON.stringify(await measure(resolve(values.model))));
} else {
  applyRememberedDriver({ load: false }); // measurements are processes of their own
  const runs: (readonly Timed[])[] = [];
  for (let i = 0; i < Number(values.runs); i++) runs.push(await measureApart(resolve(values.model)));
  console.log(`${runs[0].length} pipelines; ms, median (min … max) of ${runs.length}; load ${loadavg()[0].toFixed(1)}`);
  runs[0].forEach(({ label }, i) => console.log(`  ${spread(runs.map((r) => r[i].ms), 0).padEnd(20)}  ${label}`));
}
