import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/pldr/index.ts';
import { AUTHORS_RECIPE, Trainer } from '../../../models/pldr/train/index.ts';
import { storedWeights } from '../../../models/pldr/train/run/first-weights.ts';
import { openReader } from '../../../runtime/safetensors/reader.ts';
import { openTestCpu } from '../../support/device.ts';
import { batchOf } from './trainers.ts';

const BUNDLED = 'checkpoints/ricci-shakespeare';

test('the bundled model\'s update takes half of the memory where that is wished, and has the same loss', async () => {
  const device = await openTestCpu();
  const reader = openReader();
  try {
    const { config, tensors } = await openCheckpoint(BUNDLED);
    const [batch, positions] = [2, 23];
    const ids = Array.from({ length: batch }, (_, row) =>
      Array.from({ length: positions + 1 }, (_id, i) => 1 + ((row * 97 + i * 31) % (config.vocabSize - 1))));
    const given = batchOf(ids.map((row) => row.slice(0, -1)), ids.map((row) => row.slice(1)));
    const updated = async (memory?: number) => {
      const trainer = await Trainer.open(device, config, {
        ...AUTHORS_RECIPE, batch, positions, read: storedWeights(tensors, BUNDLED, reader), resumes: false,
        ...(memory === undefined ? {} : { memory }),
      });
      const { activations } = trainer.memory;
      const measured = await trainer.update(given, { learningRate: 0.001, step: 1 });
      trainer.close();
      return { activations, measured };
    };
    const whole = await updated();
    const half = await updated(whole.activations / 2);
    expect(half.activations).toBeLessThanOrEqual(whole.activations / 2);
    expect(half.measured).toEqual(whole.measured);
  } finally {
    await reader.close();
    device.close();
  }
});
