import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PldrModel, type HostTensor } from '../../../models/pldr/index.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { spreadEntry, tolerance, type Expected, type Oracle } from './oracle.ts';
import { RUNS, type Computed, type Run } from './runs.ts';

/**
 * Entries that no run answers for: tensors inside the fused kernels, the scores (attention is checked), and the
 * classification heads and graph regularisation, which belong to training.
 */
const NOT_COMPUTED = new RegExp(
  [
    '^(heads|dag3)\\.',
    '^prefill1\\.layer\\d+\\.scores$',
    '^trace1\\.layer\\d+\\.(q_rot|density|density_norm|res\\d+|attn_concat|attn_out|post_attn_norm|ffn_out)$',
  ].join('|'),
);

/** Tests a case on every device: every run that its oracle has entries for, entry by entry. */
export function conforms(oracle: Oracle): void {
  const runs = RUNS.filter((run) => entriesOf(run, oracle).length > 0);
  describe(`${oracle.name}`, () => {
    onEveryDevice((device) => {
      let model: PldrModel | undefined;
      beforeAll(async () => {
        model = await PldrModel.load(oracle.folder, device());
      });
      afterAll(() => model?.close());
      for (const run of runs) describeRun(run, oracle, () => model);
    });

    test('every entry is answered for', () => {
      const answered = new Set(runs.flatMap((run) => entriesOf(run, oracle)));
      expect([...oracle.tensors.keys()].filter((e) => !answered.has(e) && !NOT_COMPUTED.test(e))).toEqual([]);
      expect(Object.keys(oracle.ids).filter((key) => !runs.some((run) => run.ids?.test(key)))).toEqual([]);
    });
  });
}

const entriesOf = (run: Run, oracle: Oracle): readonly string[] =>
  [...oracle.tensors.keys()].filter((e) => run.entries.test(e));

function describeRun(run: Run, oracle: Oracle, model: () => PldrModel | undefined): void {
  describe(`${run.name}`, () => {
    let computed: Computed | undefined;
    beforeAll(async () => {
      const loaded = model();
      if (loaded !== undefined) computed = await run.compute(loaded, oracle);
    });
    for (const key of Object.keys(oracle.ids).filter((k) => run.ids?.test(k))) {
      test(`${oracle.name}: greedy ids ${key}`, () => {
        expect(computed?.ids?.[key]).toEqual(oracle.ids[key]);
      });
    }
    for (const entry of entriesOf(run, oracle)) {
      test(`${oracle.name}: ${entry}`, () => {
        expectClose(computed?.tensors[entry], oracle, entry);
      });
    }
  });
}

function expectClose(got: HostTensor | undefined, oracle: Oracle, entry: string): void {
  const expected = oracle.tensors.get(entry);
  if (got === undefined || expected === undefined) throw new Error(`${oracle.name}: no tensor ${entry}`);
  expect(got.shape).toEqual(expected.shape);
  const { difference, at } = worst(got, expected);
  const where = `at ${at}: ${got.data[at]} and not ${expected.data[at]}; allowed is 10 × ${spreadEntry(entry)} + 1e-6`;
  expect(difference, where).toBeLessThanOrEqual(tolerance(oracle, entry));
}

/** The largest difference, and where it is; not a number where a number is missing. */
function worst(got: HostTensor, expected: Expected): { readonly difference: number; readonly at: number } {
  let [difference, at] = [0, 0];
  expected.data.forEach((v, i) => {
    const own = Math.abs(got.data[i] - v);
    if (own > difference || Number.isNaN(own)) [difference, at] = [own, i];
  });
  return { difference, at };
}
