// One task of Ricci, in a process of its own, as run.py is for its peers; prints one line of JSON:
//   node bench/peers/ricci.mjs '{"task": "reference", "model": DIR, "prompt": [5, 7], "tokens": 8, …, "out": FILE}'
//   node bench/peers/ricci.mjs '{"task": "time", "model": DIR, "prompt": [5, 7], "tokens": 33, …, "repeats": 3}'
// protocol.ts has the types.
import { writeFile } from 'node:fs/promises';
import { setUpEngine } from '../../scripts/engine.mjs';
import { loadModule, usesBuild } from '../../scripts/load.mjs';

setUpEngine(); // as the command does

const { chooseDevice } = await loadModule('runtime/index');
const { forward, generate, PldrModel, Session } = await loadModule('models/pldr/index');

/** The greedy tokens, whose logits [tokens, vocab] it writes as f32. */
async function reference(model, { prompt, tokens, out }) {
  const { ids, tensors } = await forward(model, { rows: [prompt] }, { steps: tokens });
  const { data } = tensors['greedy.logits'];
  await writeFile(out, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { ids: ids[0] };
}

/** The first text, which warms up, and `repeats` texts after it. */
async function timeTexts(model, request) {
  const session = await Session.open(model);
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

async function run(request) {
  const device = await chooseDevice({ device: 'cpu', threads: request.threads });
  const model = await PldrModel.load(request.model, device);
  const result = await (request.task === 'reference' ? reference(model, request) : timeTexts(model, request));
  const [error] = device.takeErrors();
  if (error !== undefined) throw error;
  model.close();
  device.close();
  return { about: `${device.name}, ${usesBuild('models/pldr/index') ? 'built package' : 'sources'}`, ...result };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}'))));
