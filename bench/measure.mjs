// One measurement in a process of its own: loads a model, generates greedily, and prints one line of JSON. It runs the
// package as users do, built where the build is newer than the sources; tsx would be measured too otherwise.
//   node bench/measure.mjs '{"model": DIR, "prompt": [5, 7, 9], "tokens": 64, "cache": "kv+g", "device": "cpu", "programs": FOLDER}'
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setUpEngine } from '../scripts/engine.mjs';
import { loadModule, usesBuild } from '../scripts/load.mjs';

/** Compiled programs as files, as the command line keeps them. @param {string} folder */
function programsIn(folder) {
  const file = (key) => join(folder, createHash('sha256').update(key).digest('hex'));
  return {
    get: (key) => readFile(file(key), 'utf8').catch(() => undefined),
    put: (key, text) => writeFile(file(key), text),
  };
}

/** @param {import('./measurement.ts').MeasureRequest} request @returns {Promise<import('./measurement.ts').Measurement>} */
async function measure(request) {
  const { model: dir, prompt, tokens, cache, programs, device: wanted, threads, weights = 'f32', fused = false } = request;
  const { chooseDevice } = await loadModule('runtime/index');
  const { generate, PldrModel, Session } = await loadModule('models/pldr/index');
  const device = await chooseDevice({ device: wanted, fused, ...(threads === undefined ? {} : { threads }) });
  const model = await PldrModel.load(dir, device, { store: programsIn(programs), storage: weights });
  const session = await Session.open(model, { cache });
  const readyMs = performance.now();
  const ids = [];
  const times = [];
  for await (const step of generate(session, { rows: [prompt] }, { greedy: true, maxNewTokens: tokens, stopIds: [] })) {
    times.push(performance.now());
    ids.push(step.ids[0]);
  }
  const [error] = device.takeErrors();
  if (error !== undefined) throw error;
  const weightBytes = weightBytesOf(model);
  session.close();
  model.close();
  device.close();
  return {
    ids,
    built: usesBuild('models/pldr/index'),
    firstTokenMs: times[0],
    promptMs: times[0] - readyMs,
    tokensPerSecond: ((times.length - 1) * 1000) / (times[times.length - 1] - times[0]),
    weightBytes,
    cacheBytes: cacheBytesOf(model.config),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    device: device.name,
  };
}

/** Weights as they lie in the checkpoint's tensors, widened to f32. */
const weightBytesOf = ({ checkpoint }) =>
  [...checkpoint.tensors.values()].reduce((n, t) => n + t.shape.reduce((m, s) => m * s, 1) * 4, 0);

/** Keys and values of a whole context, and G of every layer. */
const cacheBytesOf = ({ layers, contextLength, hiddenSize, heads, headDim }) =>
  4 * layers * (2 * contextLength * hiddenSize + heads * headDim ** 2);

// As the command does.
setUpEngine();
console.log(JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '{}'))));
