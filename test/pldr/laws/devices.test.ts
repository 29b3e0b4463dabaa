import { expect, test } from 'vitest';
import { factorsFor, narrow } from '../../../compiler/passes/narrow.ts';
import { simplify } from '../../../compiler/passes/simplify.ts';
import type { Dense } from '../../../compiler/interpret/dense.ts';
import { storageOf } from '../../../models/pldr/storage.ts';
import { targetOf } from '../../../models/pldr/target.ts';
import { firstApart, firstOutside } from '../../support/bound/compare.ts';
import { interpretWithBounds } from '../../support/bound/graph.ts';
import { runSource } from '../../support/device.ts';
import { everyDevice } from '../../support/every-device.ts';
import { narrowed } from '../../support/narrow.ts';
import { smallConfig } from '../../../verify/arbitraries/configs.ts';
import { drawnModel } from '../../../verify/arbitraries/models.ts';
import { WEIGHT_KINDS } from '../../../verify/arbitraries/weights/index.ts';
import { read, step, type Reading } from '../../../verify/interpreted/reading.ts';
import { difference } from './close.ts';

/** One layer: bounds that hold for any rounding grow about a hundredfold with each. */
const CONFIG = smallConfig({ heads: 3, headDim: 2, hiddenSize: 6 });

const devices = everyDevice();

/** What was kept, as devices hold it. */
const inSinglePrecision = (reading: Reading): Reading => ({
  ...reading,
  states: Object.fromEntries(Object.entries(reading.states).map(([label, state]): [string, Dense] => [
    label, { ...state, data: state.data.map(Math.fround) },
  ])),
});

const MODELS = WEIGHT_KINDS.flatMap((kind) => [2, 3, 4].map((seed) => [kind, seed] as const));

test.each(MODELS)('a step of %s model %i is the same on all devices, within what each may err', async (kind, seed) => {
  const before = read(drawnModel(CONFIG, seed, kind), { rows: [[5, 1, 8, 2, 9, 4]] }, { mode: 'kv+g' });
  const { source, env } = step(inSinglePrecision(before), [7], 'kv+g');
  // Simplified first: programs hold the same tables of sines and cosines, which WGSL would let differ.
  const [bound] = interpretWithBounds(simplify(Object.values(source.outputs)), env);
  const scale = Math.max(...bound.value.data.map(Math.abs));
  expect(Math.max(...bound.error)).toBeLessThan(0.1 * scale);
  const [first, ...others] = await Promise.all(devices().map((device) => runSource(device, source, env)));
  for (const other of others) expect(firstApart('logits', first['logits'], other['logits'], bound)).toBeUndefined();
});

/** Where what is rounded to integers may round otherwise, bounds say nothing; then roundings are small all the same. */
const WITHIN = 1e-4;

test.each(['bf16', 'f16', 'int8'] as const)('a step of a model kept as %s is the same on all devices', async (kept) => {
  const before = read(drawnModel(CONFIG, 2), { rows: [[5, 1, 8, 2, 9, 4]] }, { mode: 'kv+g' });
  const { source, env } = step(inSinglePrecision(before), [7], 'kv+g');
  const storage = storageOf(kept);
  for (const device of devices()) {
    const target = targetOf(device);
    const roots = narrow(Object.values(source.outputs), storage, factorsFor(target.profile));
    const [bound] = interpretWithBounds(simplify(roots), narrowed(env, storage));
    const { logits } = await runSource(device, source, env, target, storage);
    expect(firstOutside('logits', logits, bound)).toBeUndefined();
    expect(difference(logits.data, bound.value.data)).toBeLessThan(WITHIN);
  }
});
