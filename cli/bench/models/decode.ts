import { generate, Session, type PldrModel } from '../../../models/pldr/index.ts';
import { resolveSampling } from '../../../runtime/sampling/options.ts';
import { settle } from '../bench.ts';
import type { Case, Prepared } from '../case.ts';
import { wrongResult } from '../wrong.ts';
import type { BenchModel } from './bench-model.ts';
import { programTimes } from './kernel-times.ts';
import { programsOf } from './programs.ts';
import { stepWork, times } from './work.ts';

/** Tokens that lie in the caches before the first that counts, as far as the context allows. */
const CONTEXTS = [16, 64, 512];
/** Tokens of one repetition, the first one aside. */
const TOKENS = 16;

/** Tokens after a prompt, with keys, values and G kept; and, where host and device are two, the host's part of each. */
export function decodeSuite(model: BenchModel): readonly Case[] {
  const { bench: { device }, config } = model;
  const longest = config.contextLength - TOKENS - 1;
  const lengths = [...new Set(CONTEXTS.map((n) => Math.min(n, longest)))].filter((n) => n > 0);
  const named = (name: string) => ({ suite: 'decode', name, dtype: model.storage }) as const;
  return [
    ...lengths.map((length): Case => (
      { ...named(`after ${length} tokens`), unit: 'tokens/s', prepare: () => decoding(model, length) })),
    ...lengths.slice(-1).filter(() => device.kind !== 'cpu').map((length): Case => (
      { ...named(`host's time per token, after ${length}`), unit: 'µs', prepare: () => encoding(model, length) })),
  ];
}

async function decoding(model: BenchModel, length: number): Promise<Prepared> {
  const loaded = await model.loaded();
  const { step } = await programsOf(loaded);
  const one = stepWork(step, model.config, length + TOKENS / 2);
  const session = await Session.open(loaded);
  return {
    amount: TOKENS,
    work: times(TOKENS, one),
    clock: 'host',
    async check() {
      const right = await model.tokensAfter(length);
      const { ids } = await generated(model, session, length);
      const wrong = right.findIndex((id, i) => id !== ids[i]);
      if (wrong < 0) return;
      throw wrongResult(`After ${length} tokens, token ${wrong} is ${ids[wrong]} and should be ${right[wrong]}.`);
    },
    run: async () => (await generated(model, session, length)).seconds,
    kernels: () => programTimes(session, step, { key: session.length, batch: 1 }),
    close: () => session.close(),
  };
}

/** Greedy tokens, and the seconds from the first to the last of them. */
async function generated(
  model: BenchModel, session: Session, length: number,
): Promise<{ readonly ids: readonly number[]; readonly seconds: number }> {
  const { now } = model.bench;
  const ids: number[] = [];
  let [first, last] = [0, 0];
  const options = { greedy: true, maxNewTokens: TOKENS + 1, stopIds: [] };
  for await (const step of generate(session, { rows: [model.prompt(length)] }, options)) {
    last = now();
    if (ids.length === 0) first = last;
    ids.push(step.ids[0]);
  }
  return { ids, seconds: (last - first) / 1000 };
}

/** How long the host is busy with handing over a token's work, which it does while the device computes. */
async function encoding(model: BenchModel, length: number): Promise<Prepared> {
  const session = await Session.open(await model.loaded());
  return {
    amount: TOKENS, work: undefined, clock: 'host',
    check: async () => void await model.tokensAfter(length),
    run: () => handedOver(model, session, length),
    kernels: () => Promise.resolve(undefined),
    close: () => session.close(),
  };
}

async function handedOver(model: BenchModel, session: Session, length: number): Promise<number> {
  const { device, now } = model.bench;
  begin(session, model.prompt(length), session.model);
  let seconds = 0;
  for (let step = 1; step <= TOKENS; step++) {
    session.extend([]);
    const started = now();
    device.submit((commands) => {
      session.encodeNext(commands);
      if (session.sampler !== undefined) commands.sample(session.sampler, session.logits(), step);
    });
    seconds += (now() - started) / 1000;
    await settle(device);
  }
  return seconds;
}

/** Reads the prompt and chooses its first token. */
function begin(session: Session, prompt: readonly number[], { device, config }: PldrModel): void {
  const { sampler } = session;
  const { nextPosition: position, nextSlot: slot } = session.start({ rows: [prompt] });
  sampler?.begin(resolveSampling({ greedy: true }, config.vocabSize), {
    position, slot, stopIds: [], padId: config.padId ?? 0, seen: [prompt],
  });
  device.submit((commands) => {
    session.encodeFirst(commands);
    if (sampler !== undefined) commands.sample(sampler, session.logits(), 0);
  });
}
