import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axis, input, type Tensor } from '../../../dsl/index.ts';
import type { Stream } from '../../../models/pldr/attention.ts';
import { axesFor } from '../../../models/pldr/index.ts';
import type { HeadKind } from '../../../models/pldr/heads/head-kind.ts';
import { softmaxOf } from '../../../models/pldr/heads/softmax.ts';
import { IGNORED_LABEL } from '../../../models/pldr/train/head-losses.ts';
import { BEHIND } from '../../../models/pldr/train/labelled/example.ts';
import { headGraph } from '../../../models/pldr/train/task/heads.ts';
import { smallConfig } from '../../../verify/arbitraries/index.ts';
import { expectNear, numbersOf } from '../../std/support.ts';
import { runs } from '../../support/runs.ts';
import { environmentFrom } from '../train/support.ts';
import { headWeights } from './support.ts';

/*
 * What is measured of a batch, compared with the same in plain arithmetic over the same hidden states.
 */

const CONFIG = smallConfig({ layers: 1 });
const [ROWS, LENGTH, LABELS] = [3, 4, 3];
const WIDTH = CONFIG.hiddenSize;

const hiddenStates = fc.array(fc.integer({ min: -40, max: 40 }).map((x) => x / 8), {
  minLength: ROWS * LENGTH * WIDTH, maxLength: ROWS * LENGTH * WIDTH,
});
/** How many tokens each row has; the others are padding. */
const lengths = fc.array(fc.integer({ min: 1, max: LENGTH }), { minLength: ROWS, maxLength: ROWS });
const listOf = (value: fc.Arbitrary<number>, count: number): fc.Arbitrary<readonly number[]> =>
  fc.array(value, { minLength: count, maxLength: count });
const labelOrNone = fc.oneof(fc.nat(LABELS - 1), fc.constant(IGNORED_LABEL));

function measured(kind: HeadKind, states: readonly number[], read: readonly number[], targets: readonly number[]) {
  const axes = { ...axesFor(CONFIG, ROWS), Batch: axis('batch', ROWS) };
  const ids: Tensor<'batch' | 'pos'> = input('ids', [axes.Batch, axes.Pos], 'i32');
  const hidden: Stream = input('hidden', [axes.Batch, axes.Pos, axes.Embed]);
  const { crossEntropy, accuracy, count } = headGraph(kind, LABELS).measures(hidden, { ids, axes, config: CONFIG });
  const outputs = [crossEntropy, accuracy, count];
  const batch = { rows: ROWS, positions: LENGTH, ids: new Int32Array(ROWS * LENGTH), targets: Int32Array.from(targets) };
  const counted = headGraph(kind, LABELS).counted(batch);
  const given = new Map([['hidden', states], ['targets', targets], ['ids', read.flatMap((n) =>
    Array.from({ length: LENGTH }, (_, i) => (i < n ? 1 : CONFIG.padId ?? 0)))]]);
  const weights = headWeights(kind, WIDTH, LABELS, 5);
  const env = environmentFrom(outputs.map((x) => x.node), given, weights, { pos: LENGTH, key: LENGTH });
  const numbers = numbersOf(outputs, env).map(([x]) => x);
  expect(counted).toBe(numbers[2]);
  return numbers;
}

/** Logits of one state: a row of the weights for each, and a bias where the head has one. */
function logitsOf(kind: HeadKind, state: readonly number[]): readonly number[] {
  const weights = headWeights(kind, WIDTH, LABELS, 5);
  const [matrix, bias] = kind === 'question-answering'
    ? [weights.get('qa_outputs.weight'), weights.get('qa_outputs.bias')]
    : [weights.get('score.weight'), weights.get('score.bias')];
  return Array.from({ length: (matrix?.length ?? 0) / WIDTH }, (_, label) =>
    state.reduce((sum, x, i) => sum + x * (matrix?.[label * WIDTH + i] ?? 0), bias?.[label] ?? 0));
}

/** A list of scores, and which of them is right; undefined where nothing is asked. */
interface Asked { readonly scores: readonly number[]; readonly right: number | undefined }

const isRight = ({ scores, right }: Asked): boolean => right !== undefined && scores[right] >= Math.max(...scores);
const lossOf = ({ scores, right }: Asked): number => (right === undefined ? 0 : -Math.log(softmaxOf(scores)[right]));

const stateAt = (states: readonly number[], row: number, pos: number): readonly number[] =>
  states.slice((row * LENGTH + pos) * WIDTH, (row * LENGTH + pos + 1) * WIDTH);

function expectMeans(got: readonly number[], groups: readonly (readonly Asked[])[]): void {
  const counted = groups.filter((group) => group.every(({ right }) => right !== undefined));
  const mean = (of: (group: readonly Asked[]) => number): number =>
    (counted.length === 0 ? 0 : counted.reduce((sum, group) => sum + of(group), 0) / counted.length);
  expectNear(got[0], mean((group) => group.reduce((sum, asked) => sum + lossOf(asked), 0) / group.length), 1e-8, 1e-8);
  expectNear(got[1], mean((group) => (group.every(isRight) ? 1 : 0)));
  expect(got[2]).toBe(counted.length);
}

test('a text has one label, read off its last token', () => fc.assert(
  fc.property(hiddenStates, lengths, listOf(labelOrNone, ROWS), (states, read, targets) => {
    expectMeans(measured('sequence-classification', states, read, targets), targets.map((target, row) => [{
      scores: logitsOf('sequence-classification', stateAt(states, row, read[row] - 1)),
      right: target === IGNORED_LABEL ? undefined : target,
    }]));
  }), runs(30),
));

test('a token has a label of its own, or none', () => fc.assert(
  fc.property(hiddenStates, lengths, listOf(labelOrNone, ROWS * LENGTH), (states, read, targets) => {
    expectMeans(measured('token-classification', states, read, targets), targets.map((target, i) => [{
      scores: logitsOf('token-classification', states.slice(i * WIDTH, (i + 1) * WIDTH)),
      right: target === IGNORED_LABEL ? undefined : target,
    }]));
  }), runs(30),
));

test('an answer is right where both of its ends are', () => fc.assert(
  fc.property(hiddenStates, lengths, listOf(fc.nat(LENGTH - 1), 2 * ROWS), fc.subarray([0, 1, 2]), (states, read, at, cut) => {
    const targets = at.map((x, i) => (cut.includes(i >> 1) ? BEHIND : x));
    const edge = (row: number, which: number): Asked => ({
      scores: Array.from({ length: LENGTH }, (_, pos) => logitsOf('question-answering', stateAt(states, row, pos))[which]),
      right: cut.includes(row) ? undefined : at[2 * row + which],
    });
    expectMeans(measured('question-answering', states, read, targets), [0, 1, 2].map((row) => [edge(row, 0), edge(row, 1)]));
  }), runs(30),
));
