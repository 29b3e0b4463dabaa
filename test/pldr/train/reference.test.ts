import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decaysAll, warmupCosine } from '../../../dsl/index.ts';
import { loadConfig } from '../../../models/pldr/index.ts';
import type { Batch } from '../../../models/pldr/train/data/batch.ts';
import type { DagCoefficients } from '../../../models/pldr/train/dag-loss.ts';
import { Trainer, type Trained } from '../../../models/pldr/train/trainer.ts';
import { openSafetensors } from '../../../runtime/safetensors/open.ts';
import { withReader } from '../../../runtime/safetensors/reader.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { caseFolder } from '../fixtures.ts';

/** What the authors' code trained with, and what came of it. */
interface Run {
  readonly lr: number;
  readonly warmup: number;
  readonly total: number;
  /** Coefficients of A_LM, A_P and G_LM. */
  readonly dag?: readonly [number, number, number];
  readonly lr_paper: readonly number[];
  readonly loss_f64_paper: readonly number[];
  readonly loss_f32_paper: readonly number[];
  readonly eval_loss_after3_f64_paper: number;
  readonly param_max_abs_f32_vs_f64_paper_step3: number;
}

/** Tensors of a file by name, as doubles. */
async function tensorsOf(file: string): Promise<ReadonlyMap<string, Float64Array>> {
  const { tensors } = await openSafetensors(file);
  const all = new Map<string, Float64Array>();
  await withReader(async (reader) => {
    for (const [name, entry] of tensors) {
      if (entry.dtype === 'BOOL') continue;
      const values = entry.dtype.startsWith('I') ? await reader.readIntegers(entry) : await reader.readDoubles(entry);
      all.set(name, Float64Array.from(values));
    }
  });
  return all;
}

const coefficients = ([A_LM, A_P, G]: readonly [number, number, number]): DagCoefficients => ({ A_LM, A_P, G });

const ROWS = 3;
const LENGTH = 14;

/** Batch number `step` of [4, 3, 14] tokens: each row but for its last token, and each but for its first. */
function batchOf(batches: Float64Array, step: number): Batch {
  const rows = Array.from({ length: ROWS }, (_, r) =>
    batches.subarray((step * ROWS + r) * LENGTH, (step * ROWS + r + 1) * LENGTH));
  return {
    rows: ROWS, positions: LENGTH - 1,
    ids: Int32Array.from(rows.flatMap((row) => [...row.subarray(0, -1)])),
    targets: Int32Array.from(rows.flatMap((row) => [...row.subarray(1)])),
  };
}

onEveryDevice((device) => {
  test.each(['v51-small', 'v51-dag', 'v51G-identity'])('%s goes as with the authors\' code', async (name) => {
    const folder = caseFolder(name);
    const { training }: { readonly training: Run } = JSON.parse(readFileSync(join(folder, 'oracle.json'), 'utf8'));
    const weights = await tensorsOf(join(folder, 'model.safetensors'));
    const reference = await tensorsOf(join(folder, 'training.safetensors'));
    const batches = reference.get('batches') ?? expect.unreachable('no batches');
    const trainer = await Trainer.open(device(), await loadConfig(join(folder, 'config.json')), {
      batch: ROWS, positions: LENGTH - 1, clip: { by: 'value', at: 1 },
    betas: [0.9, 0.95], eps: 1e-5, weightDecay: 0.1, decays: decaysAll, resumes: false,
      ...(training.dag === undefined ? {} : { dag: coefficients(training.dag) }),
      read: async (weight, from, target) => {
        target.set((weights.get(weight) ?? expect.unreachable(weight)).subarray(from, from + target.length));
      },
    });
    try {
      const { lr: learningRate, warmup: warmupSteps, total: totalSteps } = training;
      const rate = warmupCosine({ learningRate, warmupSteps, totalSteps, alpha: 0.1 });
      const steps: Trained[] = [];
      for (const step of [0, 1, 2]) {
        expect(rate(step)).toBeCloseTo(training.lr_paper[step], 12);
        steps.push(await trainer.update(batchOf(batches, step), { learningRate: rate(step), step: step + 1 }));
        if (step === 0) await expectWeights(trainer, (weight) => weights.get(weight), 0);
      }
      const spread = Math.max(...training.loss_f64_paper.map((l, i) => Math.abs(l - training.loss_f32_paper[i])));
      steps.forEach(({ loss }, i) => expect(Math.abs(loss - training.loss_f64_paper[i])).toBeLessThan(10 * spread + 1e-6));
      await expectWeights(
        trainer, (weight) => reference.get(`f64.paper.step3.${weight}`),
        10 * training.param_max_abs_f32_vs_f64_paper_step3,
      );
      const { crossEntropy } = await trainer.measure(batchOf(batches, 3));
      expect(Math.abs(crossEntropy - training.eval_loss_after3_f64_paper)).toBeLessThan(10 * spread + 1e-5);
    } finally {
      trainer.close();
    }
  });
});

/** Every trained weight is within `tolerance` of what is expected of it. */
async function expectWeights(
  trainer: Trainer, expected: (weight: string) => Float64Array | undefined, tolerance: number,
): Promise<void> {
  for (const weight of trainer.trained) {
    const wanted = expected(weight) ?? expect.unreachable(weight);
    const got = await trainer.read(weight);
    expect(got.length, weight).toBe(wanted.length);
    const worst = got.reduce((m, x, i) => Math.max(m, Math.abs(x - wanted[i])), 0);
    expect(worst, weight).toBeLessThanOrEqual(tolerance);
  }
}
