import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Device } from '../../runtime/device.ts';
import type { SamplingStart } from '../../runtime/sampling/start.ts';
import { everyDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';
import { samplingCases, type SamplingCase } from './arbitraries.ts';
import { plainSamplers, plainStart, readInts, sampleSteps, withSampler } from './device.ts';

const BATCH = 3;
const STEPS = 5;

const devices = everyDevice();

/** Where a generation begins and what ends it; ids are taken modulo the vocabulary. */
const starts = fc.record({
  places: fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)),
  streams: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
  stopIds: fc.array(fc.nat(), { maxLength: 8 }),
  padId: fc.nat(),
});

type Start = typeof starts extends fc.Arbitrary<infer Value> ? Value : never;

const startOf = ({ options: { vocabSize }, seen }: SamplingCase, { places, streams, stopIds, padId }: Start) =>
  plainStart(BATCH, {
    position: Int32Array.from(places), slot: Int32Array.from(places, (n) => 2 * n), seen,
    streams: Uint32Array.from(streams), stopIds: stopIds.map((id) => id % vocabSize), padId: padId % vocabSize,
  });

/** All that a sampler leaves: tokens and flags of every step, and what the next step would be given. */
function outcome(device: Device, { rows, options }: SamplingCase, start: SamplingStart) {
  const layout = { batch: BATCH, vocab: options.vocabSize, maxSteps: STEPS };
  return withSampler(plainSamplers(() => device), layout, async (sampler) => {
    const { ids, flags } = await sampleSteps(device, sampler, rows, options, start, STEPS);
    const { position, slot, finished, ids: last } = sampler.control;
    const control = [last, position, slot, finished].map((buffer) => readInts(device, buffer, BATCH));
    return { ids: [...ids], flags: [...flags], control: await Promise.all(control) };
  });
}

describe('the samplers of all devices', () => {
  it('choose the same tokens, raise the same flags and end the same rows', () => fc.assert(
    fc.asyncProperty(samplingCases(BATCH), starts, fc.boolean(), async (drawn, start, greedy) => {
      const one = { ...drawn, options: { ...drawn.options, greedy } };
      const from = startOf(one, start);
      const [first, ...others] = await Promise.all(devices().map((device) => outcome(device, one, from)));
      for (const other of others) expect(other).toEqual(first);
    }),
    runs(60),
  ));
});
