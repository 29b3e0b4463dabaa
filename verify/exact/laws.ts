import { forward, type CacheMode } from '../../models/pldr/index.ts';
import { follow, frozenAt, logitsAt, logitsOfText } from '../texts.ts';
import type { Followed, Law, Pair } from './law.ts';

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
    pairs: async (followed) => [...await pairsOfMode(followed, 'kv'), ...await pairsOfMode(followed, 'g')],
  },
  {
    name: 'no cache',
    statement: 'with nothing kept, a step computes what reading the longer text computes',
    pairs: pairsWithoutCache,
  },
  {
    name: 'step, full',
    statement: 'with G supplied, a text token by token computes what it computes when it is read at once',
    pairs: pairsWithSuppliedG,
  },
  {
    name: 'batch',
    statement: 'rows of a batch compute what each of them computes alone',
    pairs: pairsOfBatch,
  },
  {
    name: 'padding',
    statement: 'what a mask leaves out changes nothing, wherever it stands',
    pairs: pairsWithPadding,
  },
];

/** Texts part where two logits are nearly equal: they are compared up to the first tokens that differ. */
async function pairsOfMode({ model, prompt, steps, ids, logits }: Followed, cache: CacheMode): Promise<readonly Pair[]> {
  const other = await follow(model, prompt, steps, { cache });
  const parted = ids.findIndex((id, n) => other.ids[n] !== id);
  const common = parted < 0 ? steps : parted + 1;
  return logits.slice(0, common).map((own, n): Pair => [other.logits[n], own]);
}

async function pairsWithoutCache({ model, prompt, steps }: Followed): Promise<readonly Pair[]> {
  const { ids, logits } = await follow(model, prompt, steps, { cache: 'none' });
  const pairs: Pair[] = [];
  for (const [n, own] of logits.entries()) {
    const whole = await logitsOfText(model, [...prompt, ...ids.slice(0, n)]);
    pairs.push([own, whole[whole.length - 1]]);
  }
  return pairs;
}

async function pairsWithSuppliedG({ model, prompt, steps }: Followed): Promise<readonly Pair[]> {
  const frozen = await frozenAt(model, prompt);
  const { ids, logits } = await follow(model, prompt, steps, frozen);
  const whole = await logitsOfText(model, [...prompt, ...ids.slice(0, -1)], frozen);
  return logits.map((own, n): Pair => [own, whole[prompt.length - 1 + n]]);
}

async function pairsOfBatch({ model, prompts }: Followed): Promise<readonly Pair[]> {
  const { tensors } = await forward(model, { rows: prompts });
  const pairs: Pair[] = [];
  for (const [r, row] of prompts.entries()) {
    const alone = await logitsOfText(model, row);
    alone.forEach((own, at) => pairs.push([logitsAt(tensors['prefill.logits'], r, at), own]));
  }
  return pairs;
}

/** The text with two masked columns before it, two after its first token, and two at its end. */
async function pairsWithPadding({ model, prompt }: Followed): Promise<readonly Pair[]> {
  const filler = [prompt[0], prompt[prompt.length - 1]];
  const [first, ...rest] = prompt;
  const row = [...filler, first, ...filler, ...rest, ...filler];
  const mask = [0, 0, 1, 0, 0, ...rest.map(() => 1), 0, 0];
  const { tensors } = await forward(model, { rows: [row], mask: [mask] });
  const alone = await logitsOfText(model, prompt);
  const columns = mask.flatMap((real, at) => (real === 1 ? [at] : []));
  return columns.map((at, n): Pair => [logitsAt(tensors['prefill.logits'], 0, at), alone[n]]);
}
