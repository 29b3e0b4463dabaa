import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openRowFunctions } from '../../runtime/cpu/sampling/row-functions.ts';
import { Row } from '../../runtime/cpu/sampling/row.ts';
import { integerWeights } from '../../runtime/sampling/weights.ts';
import { assembledRow } from '../../scripts/assemble-row.mjs';
import { runs } from '../support/runs.ts';
import { allocate, memory } from './chooser.ts';

const VOCAB = 4096;

/** Logits whose weights are halved from 0 to somewhat more than 32 times, most of them rather few times. */
const rowsAt = fc.record({
  temperature: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  heaviest: fc.float({ min: -1000, max: 1000, noNaN: true }),
  halvings: fc.array(fc.double({ min: 0, max: 1, noNaN: true }).map((x) => 33 * x ** 3), {
    minLength: VOCAB, maxLength: VOCAB, size: 'max',
  }),
});

test('weights are the integers of the reference, whatever the fraction of a halving', async () => {
  const run = await openRowFunctions(memory);
  const logits = allocate('logits', 4 * VOCAB);
  const row = new Row(run, memory, allocate('row', Row.bytes(VOCAB)).address, VOCAB);
  fc.assert(fc.property(rowsAt, ({ temperature, heaviest, halvings }) => {
    const numbers = Float32Array.from(halvings, (n) => heaviest - n * Math.LN2 * temperature);
    new Float32Array(memory.wasm.buffer, logits.address, VOCAB).set(numbers);
    row.read(logits.address, 1, new Set());
    row.weigh(temperature);
    const weights = integerWeights(numbers, temperature);
    expect([...new Uint32Array(memory.wasm.buffer, row.weightsAt, VOCAB)]).toEqual([...weights]);
    expect(row.mass).toBe(weights.reduce((sum, w) => sum + w, 0));
  }), runs(25));
});

test('the module is what the text assembles to', () => {
  const kept = readFileSync(new URL('../../runtime/cpu/sampling/row-module.ts', import.meta.url), 'utf8');
  expect(assembledRow()).toBe(kept);
});
