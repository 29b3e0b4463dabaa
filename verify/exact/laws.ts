import { forward } from '../../models/pldr/index.ts';
import { follow, frozenAt, logitsAt, logitsOfText } from '../texts.ts';
import type { Evidence, Law } from './law.ts';
import { pairsUntilParted, type Pair } from './pairs.ts';
import { pairsOfBlocks, pairsOfCapacity, pairsOfSchedule } from './programs.ts';

/** What holds but for roundings, whatever the weights are. A new law is a new entry. */
export const LAWS: readonly Law[] = [
  {
    name: 'kernels',
    statement: 'the device computes what the interpreter computes in double precision',
    pairs: ({ logits, precision }) => Promise.resolve(logits.map((own, n): Pair => [own, precision.logits[n]])),
  },
  {
    name: 'caches',
    statement: 'keeping keys and values, keeping G, and keeping both are one function',
    pairs: async (evidence) => [...await pairsOfMode(evidence, 'kv'), ...await pairsOfMode(evidence, 'g')],
  },
  {
    name: 'no cache',
    statement: 'with nothing kept, a step computes what reading the longer text computes',
    pairs: pairsWithoutCache,
  },
  {
    name: 'step, full',
    statement: 'with G supplied, a text token by token is the text read at once',
    pairs: pairsWithSuppliedG,
  },
  {
    name: 'chunks',
    statement: 'with G supplied, a text in blocks of any size is the text read at once',
    pairs: pairsOfBlocks,
  },
  {
    name: 'batch',
    statement: 'rows of a batch are what each of them is alone, as prompts and in every step',
    pairs: pairsOfBatch,
  },
  {
    name: 'padding',
    statement: 'what a mask leaves out changes nothing, wherever it stands',
    pairs: pairsWithPadding,
  },
  {
    name: 'capacity',
    statement: 'caches with no more room than the text needs change nothing',
    pairs: pairsOfCapacity,
  },
  {
    name: 'schedule',
    statement: 'kernels that are scheduled otherwise change nothing',
    pairs: pairsOfSchedule,
  },
];

const pairsOfMode = async (evidence: Evidence, cache: 'kv' | 'g'): Promise<readonly Pair[]> =>
  pairsUntilParted(evidence, await follow(evidence.model, evidence.prompt, evidence.steps, { cache }));

async function pairsWithoutCache({ model, prompt, steps }: Evidence): Promise<readonly Pair[]> {
  const { ids, logits } = await follow(model, prompt, steps, { cache: 'none' });
  const pairs: Pair[] = [];
  for (const [n, own] of logits.entries()) {
    const whole = await logitsOfText(model, [...prompt, ...ids.slice(0, n)]);
    pairs.push([own, whole[whole.length - 1]]);
  }
  return pairs;
}

async function pairsWithSuppliedG({ model, prompt, steps }: Evidence): Promise<readonly Pair[]> {
  const frozen = await frozenAt(model, prompt);
  const { ids, logits } = await follow(model, prompt, steps, frozen);
  const whole = await logitsOfText(model, [...prompt, ...ids.slice(0, -1)], frozen);
  return logits.map((own, n): Pair => [own, whole[prompt.length - 1 + n]]);
}

async function pairsOfBatch({ model, prompts, each }: Evidence): Promise<readonly Pair[]> {
  const steps = Math.min(...each.map((f) => f.ids.length));
  const { tensors, ids = [] } = await forward(model, { rows: prompts }, { steps });
  const pairs: Pair[] = [];
  for (const [r, row] of prompts.entries()) {
    const alone = await logitsOfText(model, row);
    alone.forEach((own, at) => pairs.push([logitsAt(tensors['prefill.logits'], r, at), own]));
    const logits = Array.from({ length: steps }, (_, n) => logitsAt(tensors['greedy.logits'], r, n));
    pairs.push(...pairsUntilParted(each[r], { ids: ids[r], logits }));
  }
  return pairs;
}

/** The text with two masked columns before it, two after its first token, and two at its end. */
async function pairsWithPadding({ model, prompt }: Evidence): Promise<readonly Pair[]> {
  const filler = [prompt[0], prompt[prompt.length - 1]];
  const [first, ...rest] = prompt;
  const row = [...filler, first, ...filler, ...rest, ...filler];
  const mask = [0, 0, 1, 0, 0, ...rest.map(() => 1), 0, 0];
  const { tensors } = await forward(model, { rows: [row], mask: [mask] });
  const alone = await logitsOfText(model, prompt);
  const columns = mask.flatMap((real, at) => (real === 1 ? [at] : []));
  return columns.map((at, n): Pair => [logitsAt(tensors['prefill.logits'], 0, at), alone[n]]);
}
