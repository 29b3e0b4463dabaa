import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTrainConfig } from '../../../models/pldr/train/config/parse-train-config.ts';
import { checkUnchanged } from '../../../models/pldr/train/config/config-changes.ts';
import type { TrainConfig } from '../../../models/pldr/train/config/schema.ts';
import { trainingBatches } from '../../../models/pldr/train/data/batches.ts';
import { holdOut } from '../../../models/pldr/train/data/hold-out.ts';
import type { TokenFile } from '../../../models/pldr/train/data/token-file.ts';
import { csvLog } from '../../../models/pldr/train/log/csv-log.ts';
import { checkedState, latestCheckpoint } from '../../../models/pldr/train/save/find-checkpoints.ts';
import { lockFolder } from '../../../models/pldr/train/save/lock.ts';
import { discardAfter, keepLast, removeLeftovers } from '../../../models/pldr/train/save/prune-checkpoints.ts';
import { saveCheckpoint } from '../../../models/pldr/train/save/save-checkpoint.ts';
import { openSafetensors, readFloats } from '../../../runtime/safetensors/index.ts';
import { temporaryFolder } from '../../weights/support.ts';
import { countingFile } from './data/support.ts';
import { TINY } from './save/contents.ts';

const folder = temporaryFolder();
const fresh = (): Promise<string> => mkdtemp(join(folder, 'run-'));

/**
 * A training whose one weight is a running mean of all ids that it has read, in their order: what an update does is
 * another's business, that it goes on with the same data is ours.
 * @param until the step before which its process is killed
 */
async function train(run: string, file: TokenFile, config: TrainConfig, until: number): Promise<void> {
  const lock = await lockFolder(run);
  await removeLeftovers(run);
  const found = await latestCheckpoint(run);
  const state = found === undefined ? undefined : await checkedState(found.path);
  const weight = new Float32Array(1);
  if (found !== undefined) {
    const { tensors } = await openSafetensors(join(found.path, 'model.safetensors'));
    await readFloats(tensors.get('mean')!, 0, weight);
    checkUnchanged(state!.config, config, found.path);
  }
  let step = state?.step ?? 0;
  await discardAfter(run, step);
  const log = csvLog(join(run, 'log.csv'), ['loss'], step);
  const options = { ...config.data, length: config.context, rows: config.batch };
  const start = state?.data ?? { seed: config.seed, epoch: 0, position: 0 };
  const batches = trainingBatches(file, holdOut(file.header.documents, config.data.validation).train, options, start);
  while (step < Math.min(until, config.steps)) {
    for (const id of (await batches.next()).ids) weight[0]! += (id - weight[0]!) / 16;
    step++;
    log.write({ step, loss: weight[0]! });
    if (step % config.save.every !== 0 && step !== config.steps) continue;
    const progress = { step, data: batches.position, random: {}, config };
    const mean = { name: 'mean', dtype: 'F32', shape: [1], chunks: () => [new Uint8Array(weight.buffer)] } as const;
    await saveCheckpoint(run, { model: TINY, dtype: 'float32', weights: [mean], moments: [], progress, copied: [] });
    await keepLast(run, config.save.keep);
  }
  log.close();
  await lock.release();
}

/** What is left of a finished training. */
async function result(run: string): Promise<readonly string[]> {
  const last = await latestCheckpoint(run);
  const saved = ['model.safetensors', 'training-state.json'].map((name) => join(last!.path, name));
  return Promise.all([join(run, 'log.csv'), ...saved].map((name) => readFile(name, 'latin1')));
}

describe('a training', () => {
  it('that is killed at any steps, and resumed, ends as one that was not', async () => {
    const file = await countingFile(folder, Array.from({ length: 12 }, (_, i) => 5 + i));
    const configs = fc.record({
      shuffle: fc.constantFrom('chunks', 'documents', 'none'),
      mode: fc.constantFrom('pack', 'pad', 'nopad'),
      every: fc.integer({ min: 1, max: 7 }),
      seed: fc.nat(),
    });
    const steps = fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: 3 });
    const kills = steps.map((some) => some.toSorted((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(configs, kills, async ({ shuffle, mode, every, seed }, killed) => {
        const config = parseTrainConfig({
          seed,
          steps: 25,
          batch: 3,
          context: 6,
          data: { shuffle, mode, group: 2, validation: 0.1 },
          learningRate: { warmup: 1 },
          save: { every, keep: 2 },
        });
        const [whole, broken] = [await fresh(), await fresh()];
        await train(whole, file, config, Infinity);
        for (const until of [...killed, Infinity]) await train(broken, file, config, until);
        expect(await result(broken)).toEqual(await result(whole));
      }),
      { numRuns: 20 },
    );
    await file.close();
  });
});
