import { Session, type PldrModel } from '../../../models/pldr/index.ts';
import type { Case, Prepared } from '../case.ts';
import { wrongResult } from '../wrong.ts';
import type { BenchModel } from './bench-model.ts';
import { greedyText } from './greedy-text.ts';
import { storedBytes } from './load.ts';
import { programsOf } from './programs.ts';
import { promptWork } from './work.ts';

const PROMPT = 32;

/** Time to the first token on a device that is open: loading weights, programs that are compiled, and the prompt. */
export const firstTokenSuite = (model: BenchModel): readonly Case[] => [{
  suite: 'ttft', name: `load, prompt of ${model.prompt(PROMPT).length}`, dtype: model.storage, unit: 'ms',
  prepare: () => starting(model),
}];

async function starting(model: BenchModel): Promise<Prepared> {
  const { now } = model.bench;
  const [right] = await model.tokensAfter(PROMPT);
  const shared = await model.loaded();
  const { prefill, step } = await programsOf(shared);
  const work = promptWork(prefill, step, model.config, model.prompt(PROMPT).length);
  const bytes = work.bytes + 2 * storedBytes(shared);
  model.release();
  const first = async (): Promise<number> => {
    const loaded = await model.load();
    try {
      return await firstToken(loaded, model.prompt(PROMPT), now);
    } finally {
      loaded.close();
    }
  };
  return {
    amount: 1, work: { ...work, bytes, footprint: bytes }, clock: 'host',
    async check() {
      const id = await first();
      if (id !== right) throw wrongResult(`The first token is ${id} and should be ${right}.`);
    },
    async run() {
      const started = now();
      await first();
      return (now() - started) / 1000;
    },
    kernels: () => Promise.resolve(undefined),
    close: () => undefined,
  };
}

async function firstToken(model: PldrModel, prompt: readonly number[], now: () => number): Promise<number> {
  const session = await Session.open(model);
  try {
    return (await greedyText(session, prompt, 1, now)).ids[0];
  } finally {
    session.close();
  }
}
