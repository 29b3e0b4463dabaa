import { expect, test } from 'vitest';
import { decaysMatrices } from '../../../dsl/index.ts';
import type { HeadKind } from '../../../models/pldr/heads/head-kind.ts';
import type { Batch } from '../../../models/pldr/train/data/batch.ts';
import { IGNORED_LABEL } from '../../../models/pldr/train/head-losses.ts';
import { headGraph } from '../../../models/pldr/train/task/heads.ts';
import { Trainer } from '../../../models/pldr/train/trainer.ts';
import { smallConfig, weightsOf } from '../../../verify/arbitraries/index.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { headWeights } from './support.ts';

const CONFIG = smallConfig({ layers: 1 });
const [ROWS, LENGTH, LABELS] = [4, 5, 2];
const [PADDING, ONE, OTHER] = [CONFIG.padId ?? 0, 4, 5];

/** Texts of two tokens and padding; the first token says the label, and which of the two the answer is. */
const IDS = [[ONE, ONE], [OTHER, ONE], [ONE, OTHER], [OTHER, OTHER]];
const TARGETS: Readonly<Record<HeadKind, readonly number[]>> = {
  'sequence-classification': [0, 1, 0, 1],
  'token-classification': IDS.flatMap(([first]) => {
    const label = first === ONE ? 0 : 1;
    return [label, label, ...Array.from({ length: LENGTH - 2 }, () => IGNORED_LABEL)];
  }),
  'question-answering': [0, 0, 1, 1, 0, 0, 1, 1],
};

const batchOf = (kind: HeadKind): Batch => ({
  rows: ROWS, positions: LENGTH, targets: Int32Array.from(TARGETS[kind]),
  ids: Int32Array.from(IDS.flatMap((row) => [...row, ...Array.from({ length: LENGTH - 2 }, () => PADDING)])),
});

onEveryDevice((device) => {
  test.each<HeadKind>(['sequence-classification', 'token-classification', 'question-answering'])(
    'of %s: what can be told apart is told apart', async (kind) => {
      const weights = new Map([...weightsOf(CONFIG, 3, 'initial'), ...headWeights(kind, CONFIG.hiddenSize, LABELS, 1)]);
      const trainer = await Trainer.open(device(), CONFIG, {
        batch: ROWS, positions: LENGTH, task: headGraph(kind, LABELS), clip: { by: 'value', at: 1 }, betas: [0.9, 0.95],
        eps: 1e-5, weightDecay: 0.01, decays: decaysMatrices, resumes: false,
        read: async (weight, from, target) => {
          const values = weights.get(weight) ?? expect.unreachable(weight);
          target.set(values.subarray(from, from + target.length));
        },
      });
      try {
        const batch = batchOf(kind);
        const { crossEntropy: before } = await trainer.measure(batch);
        for (let step = 1; step <= 60; step++) await trainer.update(batch, { learningRate: 0.03, step });
        const { crossEntropy, accuracy, count } = await trainer.measure(batch);
        expect(accuracy).toBe(1);
        expect(crossEntropy).toBeLessThan(before / 2);
        expect(count).toBe(kind === 'token-classification' ? 2 * ROWS : ROWS);
        expect(trainer.trained).not.toContain('final_layer.weight');
      } finally {
        trainer.close();
      }
    },
  );
});
