import type { PldrModel } from '../../../models/pldr/index.ts';
import { Session } from '../../../models/pldr/index.ts';
import { largestDifference } from '../../../verify/numbers.ts';
import type { Case, Prepared } from '../case.ts';
import { wrongResult } from '../wrong.ts';
import type { BenchModel } from './bench-model.ts';

const PROMPT = 8;

/** Reading a checkpoint's weights into the device's memory; its programs are compiled. */
export const loadSuite = (model: BenchModel): readonly Case[] => [{
  suite: 'load', name: 'weights', dtype: model.storage, unit: 'MB/s', prepare: () => loading(model),
}];

/** Bytes of the weights in a checkpoint's files. */
export const storedBytes = ({ checkpoint }: PldrModel): number =>
  [...checkpoint.tensors.values()].reduce((n, { bytes }) => n + bytes, 0);

async function loading(model: BenchModel): Promise<Prepared> {
  const { now } = model.bench;
  const shared = await model.loaded();
  const [right, bytes] = [await logitsOf(shared, model.prompt(PROMPT)), storedBytes(shared)];
  model.release();
  return {
    amount: bytes, work: { bytes: 2 * bytes, footprint: 2 * bytes, flops: 0, dispatches: 0, submits: 0 }, clock: 'host',
    async check() {
      const loaded = await model.load();
      const difference = largestDifference(await logitsOf(loaded, model.prompt(PROMPT)), right);
      loaded.close();
      if (difference !== 0) throw wrongResult(`A model that is loaded again has logits that differ by ${difference}.`);
    },
    async run() {
      const started = now();
      const loaded = await model.load();
      const seconds = (now() - started) / 1000;
      loaded.close();
      return seconds;
    },
    kernels: () => Promise.resolve(undefined),
    close: () => undefined,
  };
}

async function logitsOf(model: PldrModel, prompt: readonly number[]): Promise<Float32Array> {
  const session = await Session.open(model);
  try {
    return (await session.readFirst('logits', session.runFirst({ rows: [prompt] }))).data;
  } finally {
    session.close();
  }
}
