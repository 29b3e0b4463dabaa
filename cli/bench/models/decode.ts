import { Session } from '../../../models/pldr/index.ts';
import type { Case, Prepared } from '../case.ts';
import { wrongResult } from '../wrong.ts';
import type { BenchModel } from './bench-model.ts';
import { cachingCase } from './caching.ts';
import { greedyText, type GreedyText } from './greedy-text.ts';
import { hostTime } from './host-time.ts';
import { programTimes } from './kernel-times.ts';
import { longerContextsCase } from './longer-contexts.ts';
import { programsOf } from './programs.ts';
import { stepWork, times } from './work.ts';

/** Tokens that lie in the caches before the first that counts, as far as the context allows. */
const CONTEXTS = [16, 64, 512];
/** Tokens of one repetition, the first one aside. */
const TOKENS = 16;

/**
 * Tokens after a prompt, with keys, values and G kept; what each position in the caches costs and what keeping them
 * gains; and, where host and device are two, the host's part of a token.
 */
export function decodeSuite(model: BenchModel): readonly Case[] {
  const { bench: { device }, config } = model;
  const longest = config.contextLength - TOKENS - 1;
  const lengths = [...new Set(CONTEXTS.map((n) => Math.min(n, longest)))].filter((n) => n > 0);
  const named = (name: string) => ({ suite: 'decode', name, dtype: model.storage }) as const;
  return [
    ...lengths.map((length): Case => (
      { ...named(`after ${length} tokens`), unit: 'tokens/s', prepare: () => decoding(model, length) })),
    longerContextsCase(model),
    cachingCase(model),
    ...lengths.slice(-1).filter(() => device.kind !== 'cpu').map((length): Case => (
      { ...named(`host's time per token, after ${length}`), unit: 'µs', prepare: () => hostTime(model, length) })),
  ];
}

async function decoding(model: BenchModel, length: number): Promise<Prepared> {
  const loaded = await model.loaded();
  const { step } = await programsOf(loaded);
  const one = stepWork(step, model.config, length + TOKENS / 2);
  const session = await Session.open(loaded);
  const text = (): Promise<GreedyText> => greedyText(session, model.prompt(length), TOKENS + 1, model.bench.now);
  return {
    amount: TOKENS,
    work: times(TOKENS, one),
    clock: 'host',
    async check() {
      const right = await model.tokensAfter(length);
      const { ids } = await text();
      const wrong = right.findIndex((id, i) => id !== ids[i]);
      if (wrong < 0) return;
      throw wrongResult(`After ${length} tokens, token ${wrong} is ${ids[wrong]} and should be ${right[wrong]}.`);
    },
    async run() {
      const { reached } = await text();
      return (reached[TOKENS] - reached[0]) / 1000;
    },
    kernels: () => programTimes(session, step, { key: session.length, batch: 1 }),
    close: () => session.close(),
  };
}
