import { Session } from '../../../models/pldr/index.ts';
import { argmax } from '../../../verify/numbers.ts';
import { settle } from '../bench.ts';
import type { Case, Prepared } from '../case.ts';
import { wrongResult } from '../wrong.ts';
import type { BenchModel } from './bench-model.ts';
import { programTimes } from './kernel-times.ts';
import { programsOf } from './programs.ts';
import { promptWork } from './work.ts';

const LENGTHS = [32, 128, 512];
/** Room for the tokens that a check adds. */
const ROOM = 4;

/** Reading prompts of some lengths, from their ids on the host until their logits are there. */
export const prefillSuite = (model: BenchModel): readonly Case[] =>
  lengthsIn(model.config.contextLength).map((length): Case => ({
    suite: 'prefill', name: `prompt of ${length}`, dtype: model.storage, unit: 'tokens/s',
    prepare: () => reading(model, length),
  }));

/** What is longer than the context is as long as that allows, once. */
const lengthsIn = (context: number): readonly number[] => [...new Set(LENGTHS.map((n) => Math.min(n, context - ROOM)))];

async function reading(model: BenchModel, length: number): Promise<Prepared> {
  const { device, now } = model.bench;
  const loaded = await model.loaded();
  const { prefill, step } = await programsOf(loaded);
  const session = await Session.open(loaded);
  const prompt = { rows: [model.prompt(length)] };
  return {
    amount: length, work: promptWork(prefill, step, model.config, length), clock: 'host',
    async check() {
      const [right] = await model.tokensAfter(length);
      const { data } = await session.readFirst('logits', session.runFirst(prompt));
      if (argmax(data) === right) return;
      throw wrongResult(`After a prompt of ${length}, the likeliest token is ${argmax(data)} and should be ${right}.`);
    },
    async run() {
      const started = now();
      session.runFirst(prompt);
      await settle(device);
      return (now() - started) / 1000;
    },
    kernels: () => programTimes(session, prefill, { pos: length, batch: 1 }),
    close: () => session.close(),
  };
}
