import { countParameters, Session } from '../../../models/pldr/index.ts';
import type { DeviceLimits } from '../../../runtime/device.ts';
import { argmax } from '../../../verify/numbers.ts';
import type { Case, Prepared } from '../case.ts';
import { wrongResult } from '../wrong.ts';
import { COMPARED, type BenchModel } from './bench-model.ts';
import { greedyText, type GreedyText } from './greedy-text.ts';

/** What the paper compares (arXiv 2502.13502): one row of 100 tokens after a prompt of 9 words, here of as many ids. */
const [PROMPT, TOKENS] = [9, 100];

/**
 * Operations of a text without caches, for each second of a case; where it takes more, fewer tokens are measured. They
 * do not depend on a machine's speed, as the figure depends on how many there are.
 */
const MOST_FLOPS = { cpu: 5e11, software: 1e11, hardware: 1e13 } as const;

/** What keeping keys, values and G gains over reading the whole text for each token. */
export function cachingCase(model: BenchModel): Case {
  const { length } = model.prompt(PROMPT);
  const tokens = tokensOf(model, length);
  const name = `kv+g against none, ${tokens} tokens after ${length}`;
  return { suite: 'decode', name, dtype: model.storage, unit: '×', prepare: () => comparing(model, tokens) };
}

/** As many as the paper's, where the context and the time that a model takes without caches allow. */
function tokensOf({ config, bench: { device, seconds } }: BenchModel, length: number): number {
  const most = seconds * MOST_FLOPS[kindOf(device.limits)];
  let [tokens, flops] = [0, 0];
  while (tokens < Math.min(TOKENS, config.contextLength - length) && (tokens < COMPARED || flops < most)) {
    flops += 2 * countParameters(config) * (length + tokens);
    tokens += 1;
  }
  return tokens;
}

function kindOf(limits: DeviceLimits): keyof typeof MOST_FLOPS {
  if (limits.kind === 'cpu') return 'cpu';
  return limits.software ? 'software' : 'hardware';
}

async function comparing(model: BenchModel, tokens: number): Promise<Prepared> {
  const loaded = await model.loaded();
  const prompt = model.prompt(PROMPT);
  const [none, kept] = [await Session.open(loaded, { cache: 'none' }), await Session.open(loaded)];
  const text = (session: Session): Promise<GreedyText> => greedyText(session, prompt, tokens, model.bench.now);
  return {
    amount: 1, work: undefined, clock: 'host',
    async check() {
      await model.tokensAfter(PROMPT);
      await checkNone(none, model);
    },
    run: async () => secondsOf(await text(kept)) / secondsOf(await text(none)),
    kernels: () => Promise.resolve(undefined),
    close() {
      none.close();
      kept.close();
    },
  };
}

/** The prompt's pass is part of it. */
const secondsOf = ({ started, reached }: GreedyText): number => ((reached.at(-1) ?? started) - started) / 1000;

/** Without caches, each token is the likeliest after a prompt that has all tokens before it. @throws RicciError */
async function checkNone(none: Session, model: BenchModel): Promise<void> {
  const prompt = model.prompt(PROMPT);
  const { ids } = await greedyText(none, prompt, COMPARED, model.bench.now);
  const reading = await Session.open(none.model);
  try {
    for (const [i, id] of ids.entries()) {
      const layout = reading.runFirst({ rows: [[...prompt, ...ids.slice(0, i)]] });
      const right = argmax((await reading.readFirst('logits', layout)).data);
      if (id !== right) throw wrongResult(`Without caches, token ${i} is ${id} and should be ${right}.`);
    }
  } finally {
    reading.close();
  }
}
