import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axis, grad, input, symbol } from '../../../dsl/index.ts';
import {
  answerLoss, IGNORED_LABEL, multiLabelLoss, regressionLoss, sequenceLoss, tokenLoss,
} from '../../../models/pldr/train/head-losses.ts';
import { dense, expectNear, numbersOf, scalarsOf } from '../../std/support.ts';
import { runs } from '../../support/runs.ts';

const ROWS = 2;
const LABELS = 3;
const LENGTH = 4;
const Batch = axis('batch', symbol('batch', 8));
const Pos = axis('pos', symbol('pos', 9));
const [Label, Edge] = [axis('label', LABELS), axis('edge', 2)];
const sizes = { batch: ROWS, pos: LENGTH };

const numbers = (count: number, most = 30) =>
  fc.array(fc.integer({ min: -most, max: most }), { minLength: count, maxLength: count });

/** −ln softmax(logits)[target] */
const plain = (logits: readonly number[], target: number): number =>
  Math.log(logits.reduce((sum, x) => sum + Math.exp(x - logits[target]), 0));

const meanOf = (xs: readonly number[]): number => (xs.length === 0 ? 0 : xs.reduce((a, b) => a + b, 0) / xs.length);
const rowsOf = (data: readonly number[], width: number): readonly (readonly number[])[] =>
  Array.from({ length: data.length / width }, (_, i) => data.slice(i * width, (i + 1) * width));

describe('sequences', () => {
  const logits = input('logits', [Batch, Label]);

  test('of one label each: the mean cross-entropy', () => fc.assert(
    fc.property(numbers(ROWS * LABELS), fc.array(fc.nat(LABELS - 1), { minLength: ROWS, maxLength: ROWS }), (x, y) => {
      const loss = sequenceLoss(logits, input('labels', [Batch], 'i32'), Label);
      const inputs = { logits: dense({ batch: ROWS, label: LABELS }, x), labels: dense({ batch: ROWS }, y) };
      const expected = meanOf(rowsOf(x, LABELS).map((row, i) => plain(row, y[i])));
      expectNear(scalarsOf([loss], { inputs, sizes })[0], expected, 1e-10, 1e-10);
    }), runs(50),
  ));

  test('of several labels: the mean over labels of whether each holds, and its gradient σ(x) − y', () => fc.assert(
    fc.property(numbers(ROWS * LABELS, 100), fc.array(fc.nat(1), { minLength: 6, maxLength: 6 }), (x, y) => {
      const loss = multiLabelLoss(logits, input('holds', [Batch, Label]));
      const shape = { batch: ROWS, label: LABELS };
      const env = { inputs: { logits: dense(shape, x), holds: dense(shape, y) }, sizes };
      const [[got], slope] = numbersOf([loss, ...grad(loss, [logits])], env);
      expectNear(got, meanOf(x.map((v, i) => plain([0, v], y[i]))), 1e-8, 1e-9);
      x.forEach((v, i) => expectNear(slope[i], (1 / (1 + Math.exp(-v)) - y[i]) / x.length, 1e-8, 1e-9));
    }), runs(50),
  ));

  test('of a number: the mean square', () => fc.assert(
    fc.property(numbers(ROWS), numbers(ROWS), (x, y) => {
      const [predictions, targets] = ['x', 'y'].map((name) => input(name, [Batch]));
      const inputs = { x: dense({ batch: ROWS }, x), y: dense({ batch: ROWS }, y) };
      const [got] = scalarsOf([regressionLoss(predictions, targets)], { inputs, sizes });
      expectNear(got, meanOf(x.map((v, i) => (v - y[i]) ** 2)));
    }), runs(30),
  ));
});

test('tokens: the mean cross-entropy of those that have a label', () => fc.assert(
  fc.property(
    numbers(ROWS * LENGTH * LABELS),
    fc.array(fc.constantFrom(IGNORED_LABEL, 0, 1, 2), { minLength: ROWS * LENGTH, maxLength: ROWS * LENGTH }),
    (x, y) => {
      const loss = tokenLoss(input('logits', [Batch, Pos, Label]), input('labels', [Batch, Pos], 'i32'), Label);
      const inputs = {
        logits: dense({ batch: ROWS, pos: LENGTH, label: LABELS }, x), labels: dense({ batch: ROWS, pos: LENGTH }, y),
      };
      const losses = rowsOf(x, LABELS).flatMap((row, i) => (y[i] < 0 ? [] : [plain(row, y[i])]));
      expectNear(scalarsOf([loss], { inputs, sizes })[0], meanOf(losses), 1e-10, 1e-10);
    },
  ), runs(50),
));

test('answers: half of both ends, without those that were cut off', () => fc.assert(
  fc.property(
    numbers(ROWS * LENGTH * 2), fc.array(fc.integer({ min: -1, max: LENGTH + 1 }), { minLength: 4, maxLength: 4 }),
    (x, at) => {
      const [starts, ends] = ['starts', 'ends'].map((name) => input(name, [Batch], 'i32'));
      const loss = answerLoss(input('logits', [Batch, Pos, Edge]), starts, ends, { Pos, Edge });
      const inputs = {
        logits: dense({ batch: ROWS, pos: LENGTH, edge: 2 }, x),
        starts: dense({ batch: ROWS }, at.slice(0, ROWS)), ends: dense({ batch: ROWS }, at.slice(ROWS)),
      };
      const lossOf = (edge: number): number => meanOf(at.slice(edge * ROWS, (edge + 1) * ROWS).flatMap((p, row) => {
        const logits = Array.from({ length: LENGTH }, (_, i) => x[(row * LENGTH + i) * 2 + edge]);
        return p >= LENGTH ? [] : [plain(logits, Math.max(p, 0))];
      }));
      const [got] = scalarsOf([loss], { inputs, sizes });
      expectNear(got, (lossOf(0) + lossOf(1)) / 2, 1e-10, 1e-10);
      expect(got).toBeGreaterThanOrEqual(0);
    },
  ), runs(50),
));
