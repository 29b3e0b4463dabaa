import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generate, Session } from '../../../models/pldr/index.ts';
import type { Trainer } from '../../../models/pldr/train/trainer.ts';
import type { Device } from '../../../runtime/device.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { runs } from '../../support/runs.ts';
import { CONFIG, firstWeights, openTrainer, stateOf } from './trainers.ts';

const SHAPE = { rows: 2, positions: 5 };

const open = (device: Device, seed: number): Promise<Trainer> =>
  openTrainer(device, firstWeights(seed), { batch: SHAPE.rows, positions: SHAPE.positions });

const ids = fc.array(fc.nat(CONFIG.vocabSize - 1), { minLength: 10, maxLength: 10 });
const trainings = fc.record({
  seed: fc.nat(1000),
  batches: fc.array(fc.record({ ids, targets: ids }), { minLength: 1, maxLength: 3 }),
  prompt: fc.array(fc.nat(CONFIG.vocabSize - 1), { minLength: 1, maxLength: 4 }),
  temperature: fc.constantFrom(0, 0.5, 2),
});

/** What a session writes with the weights as they are. */
async function written(session: Session, prompt: readonly number[], temperature: number): Promise<readonly number[]> {
  const sampling = temperature === 0 ? { greedy: true } : { temperature, order: 'hf' as const, seed: 3 };
  const text: number[] = [];
  for await (const { ids: [id] } of generate(session, { rows: [prompt] }, { ...sampling, maxNewTokens: 4, stopIds: [] })) {
    text.push(id);
  }
  return text;
}

onEveryDevice((device) => {
  test('a model that writes while it is trained learns the same, bit for bit, and writes what it has learned', () =>
    fc.assert(
      fc.asyncProperty(trainings, async ({ seed, batches, prompt, temperature }) => {
        const silent = await open(device(), seed);
        const writing = await open(device(), seed);
        const model = writing.model({ contextLength: prompt.length + 4 });
        const session = await Session.open(model);
        const texts: (readonly number[])[] = [];
        for (const [i, read] of batches.entries()) {
          const batch = { ...SHAPE, ids: Int32Array.from(read.ids), targets: Int32Array.from(read.targets) };
          const options = { learningRate: 0.05, step: i + 1 };
          const expected = await silent.update(batch, options);
          expect(await writing.update(batch, options)).toEqual(expected);
          texts.push(await written(session, prompt, temperature));
        }
        expect(await stateOf(writing)).toEqual(await stateOf(silent));
        const after = await Session.open(silent.model());
        expect(await written(after, prompt, temperature)).toEqual(texts.at(-1));
        for (const open of [session, model, after, silent, writing]) open.close();
      }),
      runs(3),
    ));

  test('what it writes changes with what it learns', async () => {
    const trainer = await open(device(), 1);
    const session = await Session.open(trainer.model());
    const same = { ...SHAPE, ids: new Int32Array(10).fill(5), targets: new Int32Array(10).fill(7) };
    for (let step = 1; step <= 30; step++) await trainer.update(same, { learningRate: 0.02, step });
    expect((await written(session, [5, 5], 0))[0]).toBe(7);
    session.close();
    trainer.close();
  });
});
