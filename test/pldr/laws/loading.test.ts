import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { forward, PldrModel, type PldrConfig } from '../../../models/pldr/index.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { temporaryFolder } from '../../weights/support.ts';
import { CONTEXT, smallModel } from './models.ts';
import { roundedTo, saved, type FileOptions } from './saved.ts';

const CONFIG: PldrConfig = {
  vocabSize: 11,
  layers: 2,
  heads: 1,
  headDim: 4,
  hiddenSize: 4,
  intermediateSize: 5,
  hiddenAct: 'silu',
  contextLength: CONTEXT,
  layerNormEps: 1e-6,
  padId: 0,
  bosId: 2,
  eosId: 3,
  ropeTheta: 10000,
  referenceRope: true,
  attentionBias: true,
  gluBias: false,
  finalBias: true,
  residualUnits: 1,
  gluPerUnit: 1,
  metricWidth: 3,
  customG: null,
  cacheFirstG: false,
};

const folder = temporaryFolder();
const HALVES = ['BF16', 'F16'] as const;

onEveryDevice((device) => {
  describe.each(HALVES)('weights that %s holds exactly', (half) => {
    const model = roundedTo(half, smallModel(CONFIG, 5));

    /** What the device computes from a checkpoint. */
    async function computed(options: FileOptions): Promise<Readonly<Record<string, readonly number[]>>> {
      const loaded = await PldrModel.load(
        await saved(model, join(await mkdtemp(join(folder, 'saved-')), 'model'), options),
        device(),
      );
      try {
        const { tensors } = await forward(loaded, { rows: [[1, 5, 2, 9]] }, { steps: 3 });
        return Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, [...x.data]]));
      } finally {
        loaded.close();
      }
    }

    let plain: Awaited<ReturnType<typeof computed>>;
    beforeAll(async () => {
      plain = await computed({});
    });

    test.each<FileOptions>([
      { dtype: half },
      { reversed: true },
      { shardBytes: 200 },
      { dtype: half, reversed: true, shardBytes: 150 },
    ])('give the same bits from a file of %j', async (options) => {
      expect(await computed(options)).toEqual(plain);
    });
  });
});
