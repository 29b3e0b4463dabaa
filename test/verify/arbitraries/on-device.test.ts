import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PldrModel } from '../../../models/pldr/index.ts';
import type { Device } from '../../../runtime/device.ts';
import { drawnModel, smallConfig, WEIGHT_KINDS } from '../../../verify/arbitraries/index.ts';
import { runLaws } from '../../../verify/index.ts';
import { saved } from '../../pldr/laws/saved.ts';
import { openTestCpu } from '../../support/device.ts';
import { temporaryFolder } from '../../weights/support.ts';

const folder = temporaryFolder();
const prompts = [[1, 4, 2, 7], [5, 3], [8, 8, 1]];
const config = smallConfig({ layers: 2, heads: 2, hiddenSize: 8 });

let cpu: Device;

beforeAll(async () => { cpu = await openTestCpu(); });
afterAll(() => cpu.close());

test.each(WEIGHT_KINDS)('in single precision the laws of a checkpoint hold for %s weights too', async (kind) => {
  const interpreted = drawnModel(config, 2, kind);
  const model = await PldrModel.load(await saved(interpreted, join(folder, kind)), cpu);
  try {
    for (const law of await runLaws({ model, interpreted, prompts, steps: 4 })) {
      expect(law).toMatchObject({ holds: true });
      // The bound is computed: it says something only where it is small.
      expect(law.bound).toBeLessThan(1e-3);
    }
  } finally {
    model.close();
  }
});
