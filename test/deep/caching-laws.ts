import { given, type CacheMode } from '../../models/pldr/index.ts';
import { extend, read, type ReadOptions, type Reading } from '../../verify/interpreted/reading.ts';
import { randomG, smallModel, textOf, type SmallModel } from '../pldr/laws/models.ts';
import type { ModelReplay } from './replay-file.ts';

/** Equal but for rounding in double precision, relative to the largest number of either. */
const WITHIN = 1e-9;

type Law = (model: SmallModel, r: ModelReplay) => string | undefined;

/** The laws of caching, in the interpreter's double precision: which one a model breaks, and by how much. */
export function brokenLaw(r: ModelReplay): string | undefined {
  const model = smallModel(r.config, r.seed);
  return [modesAgree, stepsAreReading, rowsAreAlone].map((law) => law(model, r)).find((d) => d !== undefined);
}

/** Logits after a prompt and after each further token. */
function logitsOf(model: SmallModel, r: ModelReplay, options: ReadOptions): readonly Numbers[] {
  const first = read(model, { rows: [textOf(r.rows[0], model.config)] }, options);
  return readings(first, textOf(r.more, model.config).map((token) => [token])).map(({ logits }) => logits.data);
}

const readings = (first: Reading, steps: readonly (readonly number[])[]): readonly Reading[] =>
  steps.reduce<readonly Reading[]>((done, tokens) => [...done, extend(done[done.length - 1], tokens)], [first]);

/** kv, kv+g and g are one function. */
const modesAgree: Law = (model, r) => {
  const [whole, ...others] = (['kv+g', 'kv', 'g'] as const).map((mode) => logitsOf(model, r, { mode }));
  return others
    .flatMap((other, m) => other.map((x, n) => apart(`kv+g and ${m === 0 ? 'kv' : 'g'}, ${n} steps on`, whole[n], x)))
    .find((d) => d !== undefined);
};

const MODES: readonly CacheMode[] = ['none', 'kv', 'g', 'kv+g'];

/** With G supplied, reading a prompt and then its tokens is reading all of it. */
const stepsAreReading: Law = (model, r) => {
  const [prompt, more] = [r.rows[0], r.more].map((ids) => textOf(ids, model.config));
  const options = (mode: CacheMode): ReadOptions => ({ mode, variant: given, G: randomG(model.config, r.seed) });
  return MODES.flatMap((mode) => logitsOf(model, r, options(mode)).map((logits, n) => {
    const full = read(model, { rows: [[...prompt, ...more.slice(0, n)]] }, options(mode));
    return apart(`with G supplied, mode ${mode}: ${n} steps and the whole text`, logits, full.logits.data);
  })).find((d) => d !== undefined);
};

/** Rows of a batch compute what they compute alone. */
const rowsAreAlone: Law = (model, { rows, more, mode }) => {
  const texts = rows.map((row) => textOf(row, model.config));
  const tokens = more.map((_, n) => textOf(rows.map((_row, i) => more[(n + i) % more.length]), model.config));
  const together = readings(read(model, { rows: texts }, { mode }), tokens);
  return texts.flatMap((text, i) => {
    const alone = readings(read(model, { rows: [text] }, { mode }), tokens.map((step) => [step[i]]));
    return alone.map(({ logits: { data } }, n) =>
      apart(`mode ${mode}: row ${i} of ${rows.length} and the same row alone, ${n} steps on`,
        together[n].logits.data.subarray(i * data.length, (i + 1) * data.length), data));
  }).find((d) => d !== undefined);
};

type Numbers = Float64Array;

/** Where two lists lie further apart than by rounding, in words. */
function apart(what: string, a: Numbers, b: Numbers): string | undefined {
  if (a.length !== b.length) return `${what}: ${a.length} numbers, and ${b.length}`;
  const scale = Math.max(1e-30, ...a.map(Math.abs), ...b.map(Math.abs));
  const at = a.findIndex((x, i) => !(Math.abs(x - b[i]) <= WITHIN * scale));
  return at < 0 ? undefined : `${what}: logit ${at} is ${a[at]}, and ${b[at]}`;
}
