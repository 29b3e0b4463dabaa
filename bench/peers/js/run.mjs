// One task of jax-js, in a process of its own, as run.py is for its peers; prints one line of JSON:
//   node bench/peers/js/run.mjs '{"task": "about"}'
// protocol.ts has the types.
import { readFile, writeFile } from 'node:fs/promises';
import { setUpEngine } from '../../../scripts/engine.mjs';
import { loadModule } from '../../../scripts/load.mjs';
import { Model } from './model.mjs';
import { describe, openJax } from './webgpu.mjs';

setUpEngine();

/** Products before those that are timed. */
const WARM_UP = 3;

async function writeLogits(jax, { model: folder, prompt, fed, capacity, out }) {
  const { writeSafetensors } = await loadModule('runtime/safetensors/index');
  const model = await Model.open(jax, folder, capacity);
  const rows = await model.logits(prompt, fed);
  const data = new Float32Array(rows.length * rows[0].length);
  rows.forEach((row, i) => data.set(row, i * row.length));
  await writeSafetensors(out, { logits: { dtype: 'F32', shape: [rows.length, rows[0].length], data } });
  return {};
}

/** The first text, in which jax-js compiles, and `repeats` texts after it. */
async function timeTexts(jax, { model: folder, prompt, tokens, capacity, repeats }) {
  const model = await Model.open(jax, folder, capacity);
  const texts = [];
  for (let n = 0; n <= repeats; n++) texts.push(await timeText(model, prompt, tokens));
  const [first, ...timed] = texts;
  return { firstPromptSeconds: first.promptSeconds, texts: timed };
}

async function timeText(model, prompt, tokens) {
  const ids = [];
  const times = [];
  const start = performance.now();
  for await (const id of model.generate(prompt, tokens)) {
    times.push(performance.now());
    ids.push(id);
  }
  const steps = ids.length - 1;
  const speed = steps > 0 ? { tokensPerSecond: (steps * 1000) / (times[steps] - times[0]) } : {};
  return { ids, promptSeconds: (times[0] - start) / 1000, ...speed };
}

const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

async function timeProducts(jax, { product: kind, n, first, second, out, repeats }) {
  const { jit, lax, numpy: np } = jax;
  const read = async (file) => {
    const { buffer } = new Uint8Array(await readFile(file));
    return np.array(new Float32Array(buffer), { shape: [n, n] });
  };
  const [a, b] = [await read(first), await read(second)];
  const summed = { lhsContractingDims: [1], rhsContractingDims: [kind === 'a·b' ? 0 : 1] };
  const multiply = jit((x, y) => lax.dot(x, y, summed));
  const seconds = [];
  let product;
  for (let i = 0; i < WARM_UP + repeats; i++) {
    product?.dispose();
    const start = performance.now();
    product = multiply(a.ref, b.ref);
    await product.blockUntilReady();
    seconds.push((performance.now() - start) / 1000);
  }
  await writeFile(out, bytesOf(await product.data()));
  return { seconds: seconds.slice(WARM_UP) };
}

const TASKS = { about: () => ({}), logits: writeLogits, time: timeTexts, matmul: timeProducts };

async function main() {
  const request = JSON.parse(process.argv[2] ?? '{}');
  const jax = await openJax();
  console.log(JSON.stringify({ ...await describe(jax), ...await TASKS[request.task](jax, request) }));
}

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
process.exit(); // its device would keep the process alive
