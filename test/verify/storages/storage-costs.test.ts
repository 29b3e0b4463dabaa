import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WEIGHT_STORAGES } from '../../../dsl/index.ts';
import { PldrModel } from '../../../models/pldr/index.ts';
import { smallConfig } from '../../../verify/arbitraries/configs.ts';
import { drawnModel } from '../../../verify/arbitraries/models.ts';
import { logitsOfText } from '../../../verify/texts.ts';
import { storageCosts } from '../../../verify/storages/storage-costs.ts';
import { saved } from '../../pldr/laws/saved.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { temporaryFolder } from '../../weights/support.ts';

const folder = temporaryFolder();
const config = smallConfig({ layers: 1, heads: 2, hiddenSize: 8 });
const text = [4, 2, 7, 1, 6, 3, 8];

onEveryDevice((device) => {
  test('each storage errs by as much as it lacks digits, and takes as many bytes as it has bits', async () => {
    const dir = await saved(drawnModel(config, 5), join(folder, device().kind));
    const whole = await PldrModel.load(dir, device());
    const costs = await storageCosts(whole, dir, text);
    const [f32, bf16, f16, int8] = costs;
    expect(costs.map((c) => c.storage)).toEqual(WEIGHT_STORAGES);
    expect(f32).toMatchObject({ largest: 0, relative: 0, sameToken: 1, bytes: whole.weightBytes });
    expect([f16.relative, bf16.relative, int8.relative].every((r) => r > 0 && r < 0.1)).toBe(true);
    expect(f16.relative).toBeLessThan(bf16.relative);
    expect(bf16.bytes).toBe(f16.bytes);
    expect([f32.bytes, bf16.bytes, int8.bytes]).toEqual([f32.bytes, bf16.bytes, int8.bytes].toSorted((a, b) => b - a));
    for (const c of costs) expect(c.perplexity).toBe(Math.exp(c.loss));
    whole.close();
  });

  test('what is told of a storage is what a model that is kept so makes of the text', async () => {
    const dir = await saved(drawnModel(config, 6), join(folder, `${device().kind}-told`));
    const whole = await PldrModel.load(dir, device());
    const kept = await PldrModel.load(dir, device(), { storage: 'bf16' });
    const [, bf16] = await storageCosts(whole, dir, text);
    const [exact, own] = [await logitsOfText(whole, text), await logitsOfText(kept, text)];
    const far = own.map((row, i) => Math.max(...row.map((v, j) => Math.abs(v - exact[i][j]))));
    expect(bf16.bytes).toBe(kept.weightBytes);
    expect(bf16.largest).toBeCloseTo(Math.max(...far), 6);
    kept.close();
    whole.close();
  });
});
