// One task of Ricci, in a process of its own, as run.py is for its peers; prints one line of JSON:
//   node bench/peers/ricci.mjs '{"task": "reference", "model": DIR, "prompt": [5, 7], "tokens": 8, …, "out": FILE}'
//   node bench/peers/ricci.mjs '{"task": "time", "model": DIR, "prompt": [5, 7], "tokens": 33, …, "repeats": 3}'
//   node bench/peers/ricci.mjs '{"task": "matmul", "device": "webgpu", "product": "a·b", "n": 512, "first": FILE, …}'
//   node bench/peers/ricci.mjs '{"task": "train", "model": DIR, "device": "cpu", "threads": 2, "chunks": FILE, …}'
// protocol.ts has the types.
import { readFile, writeFile } from 'node:fs/promises';
import { setUpEngine } from '../../scripts/engine.mjs';
import { loadModule, usesBuild } from '../../scripts/load.mjs';

setUpEngine(); // as the command does

const { axis, decaysAll, dot, input } = await loadModule('dsl/index');
const { compile, encodeAll } = await loadModule('compiler/index');
const { BufferSet, chooseDevice, openReader, readValue, writeValue } = await loadModule('runtime/index');
const { forward, generate, openCheckpoint, PldrModel, Session, targetOf } = await loadModule('models/pldr/index');

/** Products before those that are timed. */
const WARM_UP = 3;

/** The greedy tokens, whose logits [tokens, vocab] it writes as f32. */
async function reference(model, { prompt, tokens, cache, out }) {
  const { ids, tensors } = await forward(model, { rows: [prompt] }, { steps: tokens, cache });
  await writeFile(out, bytesOf(tensors['greedy.logits'].data));
  return { ids: ids[0] };
}

/** The first text, which warms up, and `repeats` texts after it. */
async function timeTexts(model, request) {
  const session = await Session.open(model, { cache: request.cache });
  const texts = [];
  for (let n = 0; n <= request.repeats; n++) texts.push(await timeText(session, request));
  session.close();
  const [first, ...timed] = texts;
  return { firstPromptSeconds: first.promptSeconds, texts: timed };
}

async function timeText(session, { prompt, tokens }) {
  const ids = [];
  const times = [];
  const start = performance.now();
  for await (const step of generate(session, { rows: [prompt] }, { greedy: true, maxNewTokens: tokens, stopIds: [] })) {
    times.push(performance.now());
    ids.push(step.ids[0]);
  }
  const steps = ids.length - 1;
  const speed = steps > 0 ? { tokensPerSecond: (steps * 1000) / (times[steps] - times[0]) } : {};
  return { ids, promptSeconds: (times[0] - start) / 1000, ...speed };
}

const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

async function timeProducts(device, { product: kind, n, first, second, out, repeats }) {
  const [Row, Sum, Col] = ['row', 'sum', 'col'].map((name) => axis(name, n));
  const product = dot(input('first', [Row, Sum]), input('second', kind === 'a·b' ? [Sum, Col] : [Col, Sum]), Sum);
  const compiled = compile([{ name: 'matmul', outputs: { product: product.node } }], targetOf(device));
  const { programs: [program] } = encodeAll(compiled);
  const buffers = new BufferSet(device);
  const executable = await device.open(program, buffers);
  for (const [name, file] of Object.entries({ first, second })) {
    const { buffer } = new Uint8Array(await readFile(file));
    writeValue(device, buffers, name, program.inputs[name], {}, new Float32Array(buffer));
  }
  const seconds = [];
  for (let i = 0; i < WARM_UP + repeats; i++) {
    const start = performance.now();
    device.submit((commands) => commands.run(executable, {}));
    await device.settled();
    seconds.push((performance.now() - start) / 1000);
  }
  await writeFile(out, bytesOf(await readValue(device, buffers, program.outputs.product, {})));
  executable.destroy();
  buffers.destroy();
  return { seconds: seconds.slice(WARM_UP) };
}

/** One update for each rate, whose losses it returns, and `repeats` updates after them. */
async function train(device, request) {
  const { Trainer } = await loadModule('models/pldr/train/trainer');
  const { storedWeights } = await loadModule('models/pldr/train/run/first-weights');
  const { model, batch: rows, positions, betas, eps, weightDecay, clip, rates, repeats } = request;
  const { config, tensors } = await openCheckpoint(model);
  const reader = openReader();
  const trainer = await Trainer.open(device, config, {
    batch: rows, positions, betas, eps, weightDecay, decays: decaysAll, clip: { by: 'value', at: clip },
    read: storedWeights(tensors, model, reader), resumes: false,
  });
  await reader.close();
  const batches = batchesOf(new Int32Array(new Uint8Array(await readFile(request.chunks)).buffer), rows, positions);
  const losses = [];
  const seconds = [];
  for (let n = 0; n < rates.length + repeats; n++) {
    const learningRate = rates[Math.min(n, rates.length - 1)];
    const start = performance.now();
    const { crossEntropy } = await trainer.update(batches[n % batches.length], { learningRate, step: n + 1 });
    await device.settled();
    seconds.push((performance.now() - start) / 1000);
    losses.push(crossEntropy);
  }
  trainer.close();
  return { losses: losses.slice(0, rates.length), seconds: seconds.slice(rates.length) };
}

/** Chunks [batches, rows, positions + 1] as batches: each chunk but for its last token, and but for its first. */
function batchesOf(chunks, rows, positions) {
  const width = positions + 1;
  const at = (batch, i) => (batch * rows + Math.floor(i / positions)) * width + (i % positions);
  const columns = (batch, from) =>
    Int32Array.from({ length: rows * positions }, (_, i) => chunks[at(batch, i) + from]);
  return Array.from({ length: chunks.length / (rows * width) }, (_, batch) => (
    { rows, positions, ids: columns(batch, 0), targets: columns(batch, 1) }));
}

async function withModel(device, request) {
  const model = await PldrModel.load(request.model, device);
  const result = await (request.task === 'reference' ? reference(model, request) : timeTexts(model, request));
  model.close();
  return result;
}

async function run(request) {
  const { device: wanted, threads, fused = false } = request;
  const device = await chooseDevice(wanted === 'webgpu' ? { device: wanted } : { device: wanted, threads, fused });
  const task = { matmul: timeProducts, train }[request.task] ?? withModel;
  const result = await task(device, request);
  const [error] = device.takeErrors();
  if (error !== undefined) throw error;
  const adapter = device.kind === 'webgpu' ? { adapter: device.info.driver } : {};
  device.close();
  const built = usesBuild('models/pldr/index') ? 'built package' : 'sources';
  return { about: `${device.name}, ${built}`, ...adapter, ...result };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}'))));
