import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { forward, PldrModel } from '../../../models/pldr/index.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { temporaryFolder } from '../../weights/support.ts';
import { smallConfig } from '../../../verify/arbitraries/configs.ts';
import { drawnModel } from '../../../verify/arbitraries/models.ts';
import { roundedTo, saved, type FileOptions } from './saved.ts';

const CONFIG = smallConfig({ layers: 2, gluBias: false });

const folder = temporaryFolder();
const HALVES = ['BF16', 'F16'] as const;

onEveryDevice((device) => {
  describe.each(HALVES)('weights that %s holds exactly', (half) => {
    const model = roundedTo(half, drawnModel(CONFIG, 5));

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
