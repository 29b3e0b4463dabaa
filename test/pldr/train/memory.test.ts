import { expect, test } from 'vitest';
import type { TrainingMemory } from '../../../models/pldr/train/plan.ts';
import type { Device } from '../../../runtime/device.ts';
import { altered } from '../../support/device.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { batchOf, firstWeights, openTrainer, stateOf } from './trainers.ts';

const ROWS = 2;
const POSITIONS = 5;

/** A device that adds up what buffers it is asked for. */
function counting(device: Device): { readonly device: Device; bytes(): number } {
  let asked = 0;
  return {
    bytes: () => asked,
    device: altered(device, {
      createBuffer: (label, bytes) => {
        asked += bytes;
        return device.createBuffer(label, bytes);
      },
      tryCreateBuffer: (label, bytes) => {
        asked += bytes;
        return device.tryCreateBuffer(label, bytes);
      },
    }),
  };
}

onEveryDevice((device) => {
  test.each([
    ['one batch', false],
    ['several', true],
  ])('with updates of %s, a training takes what it said before', async (_, accumulates) => {
    const counted = counting(device());
    let said: TrainingMemory | undefined;
    const trainer = await openTrainer(counted.device, firstWeights(1), {
      batch: ROWS, positions: POSITIONS, accumulates, onMemory: (memory) => {
        expect(counted.bytes()).toBe(0);
        said = memory;
      },
    });
    const ids = [[1, 2, 3, 4, 5], [6, 7, 8, 9, 1]];
    await trainer.update(batchOf(ids, ids), { learningRate: 0.1, step: 1 });
    await trainer.measure(batchOf(ids, ids));
    await trainer.read(trainer.trained[0]);
    expect(counted.bytes()).toBe(said?.total);
    trainer.close();
  });

  test('its parts are its total, and what belongs to a parameter is four bytes each', async () => {
    const trainer = await openTrainer(device(), firstWeights(1), { batch: ROWS, positions: POSITIONS, accumulates: true });
    const { parameters, moments, sums, activations, values, total } = trainer.memory;
    expect(parameters + moments + sums + activations + values).toBe(total);
    expect(moments).toBe(2 * sums);
    const count = [...firstWeights(1).values()].reduce((n, { length }) => n + length, 0);
    expect(sums).toBeGreaterThanOrEqual(4 * count);
    trainer.close();
  });

  test('where activations are to take less, they do, and all that is learned is the same bit for bit', async () => {
    const batch = batchOf([[1, 2, 3, 4, 5], [6, 7, 8, 9, 1]], [[2, 3, 4, 5, 6], [7, 8, 9, 1, 2]]);
    const trained = async (memory?: number) => {
      const wish = memory === undefined ? {} : { memory };
      const trainer = await openTrainer(device(), firstWeights(1), { batch: ROWS, positions: POSITIONS, ...wish });
      const losses = [];
      for (const step of [1, 2]) losses.push(await trainer.update(batch, { learningRate: 0.01, step }));
      const learned = { losses, measured: await trainer.measure(batch), state: await stateOf(trainer) };
      trainer.close();
      return { learned, activations: trainer.memory.activations };
    };
    const whole = await trained();
    const less = await trained(whole.activations * 0.7);
    expect(less.activations).toBeLessThanOrEqual(whole.activations * 0.7);
    expect(less.learned).toEqual(whole.learned);
  });
});
