import { given, type CacheMode } from '../../models/pldr/index.ts';
import { CACHE_MODES, drawnModel, idsIn, type CacheSchedule, type DrawnModel } from '../../verify/arbitraries/index.ts';
import { extend, read, type ReadOptions, type Reading } from '../../verify/interpreted/reading.ts';
import { randomG } from '../pldr/laws/given-operators.ts';
import { readBy } from '../pldr/laws/read-by.ts';
import type { ModelReplay } from './replay-file.ts';

/** Equal but for rounding in double precision, relative to the largest number of either. */
const WITHIN = 1e-9;

type Law = (model: DrawnModel, r: ModelReplay) => string | undefined;

/** The laws of caching, in the interpreter's double precision: which one a model breaks, and by how much. */
export function brokenLaw(r: ModelReplay): string | undefined {
  const model = drawnModel(r.config, r.seed, r.weights);
  return [modesAgree, partsAreReading, rowsAreAlone].map((law) => law(model, r)).find((d) => d !== undefined);
}

/** The first row and what comes after it. */
const textOf = ({ rows, more, config }: ModelReplay): readonly number[] => idsIn(config, [...rows[0], ...more]);

const scheduleOf = ({ rows, chunks }: ModelReplay, mode: CacheMode): CacheSchedule =>
  ({ mode, prompt: rows[0].length, chunks });

/** kv, kv+g and g are one function, however a text goes on after its prompt. */
const modesAgree: Law = (model, r) => {
  const text = textOf(r);
  const singly = readBy(model, text, { ...scheduleOf(r, 'kv+g'), chunks: r.more.map(() => 1) });
  return (['kv+g', 'kv', 'g'] as const)
    .flatMap((mode) => readBy(model, text, scheduleOf(r, mode)).map(({ end, reading }) => {
      const after = end - r.rows[0].length;
      return apart(`kv+g one by one and ${mode}, ${after} tokens on`, singly[after].reading, reading);
    }))
    .find((d) => d !== undefined);
};

/** With G supplied, reading a text in parts is reading all of it. */
const partsAreReading: Law = (model, r) => {
  const text = textOf(r);
  const options: ReadOptions = { variant: given, G: randomG(model.config, r.seed) };
  return CACHE_MODES.flatMap((mode) => readBy(model, text, scheduleOf(r, mode), options).map(({ end, reading }) =>
    apart(`with G supplied, mode ${mode}: ${end} tokens in parts and at once`, reading,
      read(model, { rows: [text.slice(0, end)] }, { ...options, mode })),
  )).find((d) => d !== undefined);
};

/** Rows of a batch compute what they compute alone. */
const rowsAreAlone: Law = (model, { rows, more, mode }) => {
  const texts = rows.map((row) => idsIn(model.config, row));
  const tokens = more.map((_, n) => idsIn(model.config, rows.map((_row, i) => more[(n + i) % more.length])));
  const together = readings(read(model, { rows: texts }, { mode }), tokens);
  return texts.flatMap((text, i) => {
    const alone = readings(read(model, { rows: [text] }, { mode }), tokens.map((step) => [step[i]]));
    return alone.map((one, n) =>
      apart(`mode ${mode}: row ${i} of ${rows.length} and the same row alone, ${n} steps on`,
        rowOf(together[n], i, model), one));
  }).find((d) => d !== undefined);
};

const readings = (first: Reading, steps: readonly (readonly number[])[]): readonly Reading[] =>
  steps.reduce<readonly Reading[]>((done, tokens) => [...done, extend(done[done.length - 1], tokens)], [first]);

/** What a law compares. */
interface Logits {
  readonly logits: { readonly data: Float64Array };
}

const rowOf = ({ logits: { data } }: Reading, row: number, { config: { vocabSize } }: DrawnModel): Logits =>
  ({ logits: { data: data.subarray(row * vocabSize, (row + 1) * vocabSize) } });

/** Where two lists lie further apart than by rounding, in words. */
function apart(what: string, { logits: { data: a } }: Logits, { logits: { data: b } }: Logits): string | undefined {
  if (a.length !== b.length) return `${what}: ${a.length} numbers, and ${b.length}`;
  const scale = Math.max(1e-30, ...a.map(Math.abs), ...b.map(Math.abs));
  const at = a.findIndex((x, i) => !(Math.abs(x - b[i]) <= WITHIN * scale));
  return at < 0 ? undefined : `${what}: logit ${at} is ${a[at]}, and ${b[at]}`;
}
