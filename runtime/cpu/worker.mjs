/*
 * A thread of the CPU device: told of programs by messages, woken by the shared memory. It looks at the memory for a
 * while before it sleeps, because the next token follows at once.
 */
import { parentPort } from 'node:worker_threads';
import { FAILED, GENERATION, JOB, runSteps, stepsOf } from './steps.mjs';

/** How long to look before sleeping, in ms; a sleeping thread takes some 50 µs to wake. */
const LOOK_MS = 1;

const jobs = new Map();
let seat;

parentPort.on('message', async (message) => {
  if (message.kind === 'start') await start(message);
  if (message.kind === 'open') await open(message);
  if (message.kind === 'drop') jobs.delete(message.id);
  if (message.kind !== 'drop') parentPort.postMessage({ kind: 'done', ticket: message.ticket });
});

let memory;

async function start(message) {
  memory = message.memory;
  const control = new Int32Array(memory.buffer, message.control, message.words);
  const { thread, threads } = message;
  seat = { thread, threads, control, target: 0, whileWaiting: giveUp };
  serve(Atomics.load(control, GENERATION));
}

/** Another thread's failure ends this one's wait. */
function giveUp() {
  if (Atomics.load(seat.control, FAILED) === 1) throw new Error('another thread failed');
}

async function open({ id, code, plans, sizes, scratch, cells }) {
  const { instance } = await WebAssembly.instantiate(code, { ricci: { memory } });
  const counts = new Int32Array(memory.buffer, cells, plans.length);
  jobs.set(id, { steps: stepsOf(instance.exports, plans, sizes, scratch), counts });
}

async function serve(seen) {
  const { control } = seat;
  for (let generation = seen; ; ) {
    const until = performance.now() + LOOK_MS;
    while (Atomics.load(control, GENERATION) === generation && performance.now() < until);
    if (Atomics.load(control, GENERATION) === generation) {
      // Messages are heard while it waits.
      const { async, value } = Atomics.waitAsync(control, GENERATION, generation);
      if (async) await value;
      continue;
    }
    generation = Atomics.load(control, GENERATION);
    const job = jobs.get(Atomics.load(control, JOB));
    try {
      runSteps(job.steps, job.counts, seat);
    } catch (error) {
      Atomics.store(control, FAILED, 1);
      parentPort.postMessage({ kind: 'failed', message: String(error) });
      return;
    }
  }
}
