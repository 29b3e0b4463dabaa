import fc from 'fast-check';
import { describe, test } from 'vitest';
import { axis, input, type Tensor } from '../../../dsl/index.ts';
import { axesFor } from '../../../models/pldr/index.ts';
import { decoder } from '../../../models/pldr/decoder.ts';
import type { HeadKind } from '../../../models/pldr/heads/head-kind.ts';
import { IGNORED_LABEL } from '../../../models/pldr/train/head-losses.ts';
import { BEHIND } from '../../../models/pldr/train/labelled/example.ts';
import { headGraph } from '../../../models/pldr/train/task/heads.ts';
import { smallConfig, weightsOf } from '../../../verify/arbitraries/index.ts';
import { expectNear, numbersOf } from '../../std/support.ts';
import { runs } from '../../support/runs.ts';
import { environmentFrom } from '../train/support.ts';
import { headWeights, targetsIn } from './support.ts';

const CONFIG = smallConfig({ layers: 2 });
const LABELS = 3;
const PADDING = CONFIG.padId ?? 0;
const KINDS: readonly HeadKind[] = ['sequence-classification', 'token-classification', 'question-answering'];

const text = fc.array(fc.integer({ min: 0, max: CONFIG.vocabSize - 1 }).filter((id) => id !== PADDING), {
  minLength: 1, maxLength: 5,
});

/** What a kind's graphs make of rows that are filled with padding up to a length. */
function run(
  kind: HeadKind, rows: readonly (readonly number[])[], length: number, targets: readonly number[], seed: number,
): { readonly measures: readonly number[]; readonly hidden: Float64Array } {
  const axes = { ...axesFor(CONFIG, rows.length), Batch: axis('batch', rows.length) };
  const ids: Tensor<'batch' | 'pos'> = input('ids', [axes.Batch, axes.Pos], 'i32');
  const task = headGraph(kind, LABELS);
  const { hidden } = decoder(task.inputs(ids, axes, CONFIG), axes, CONFIG);
  const { crossEntropy, accuracy, count } = task.measures(hidden, { ids, axes, config: CONFIG });
  const outputs = [crossEntropy, accuracy, count, hidden];
  const padded = rows.flatMap((row) => [...row, ...Array.from({ length: length - row.length }, () => PADDING)]);
  const weights = new Map([...weightsOf(CONFIG, seed, 'perturbed'), ...headWeights(kind, CONFIG.hiddenSize, LABELS, seed)]);
  const given = new Map([['ids', padded], ['targets', targets]]);
  const [loss, right, counted, states] =
    numbersOf(outputs, environmentFrom(outputs.map((x) => x.node), given, weights, { pos: length, key: length }));
  return { measures: [loss[0], right[0], counted[0]], hidden: states };
}

describe.each(KINDS)('%s', (kind) => {
  const filled = (count: number, value: number): readonly number[] => Array.from({ length: count }, () => value);

  test('reads a text as if no padding were behind it', () => fc.assert(
    fc.property(text, fc.nat(3), fc.nat(99), (row, more, seed) => {
      const { length } = row;
      const alone = run(kind, [row], length, filled(targetsIn(kind, length), 0), seed);
      const padded = run(kind, [row], length + more, filled(targetsIn(kind, length + more), 0), seed);
      alone.hidden.forEach((x, i) => expectNear(padded.hidden[i], x, 1e-9, 1e-9));
    }), runs(15),
  ));

  test('adds nothing for a row whose targets are all ignored', () => fc.assert(
    fc.property(text, text, fc.nat(99), (row, other, seed) => {
      const length = Math.max(row.length, other.length);
      const width = targetsIn(kind, length);
      const own = filled(width, 0);
      const none = filled(width, kind === 'question-answering' ? BEHIND : IGNORED_LABEL);
      const alone = run(kind, [row], length, own, seed);
      const both = run(kind, [row, other], length, [...own, ...none], seed);
      both.measures.forEach((x, i) => expectNear(x, alone.measures[i], 1e-9, 1e-9));
    }), runs(15),
  ));
});
