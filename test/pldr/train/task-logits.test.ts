import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpret } from '../../../compiler/interpret/interpret.ts';
import { axis, input, type Node } from '../../../dsl/index.ts';
import { axesFor, decoder, inputsFor, type Stream } from '../../../models/pldr/index.ts';
import { answerLogits, lastToken, sequenceLogits, tokenLogits } from '../../../models/pldr/train/task-logits.ts';
import type { Device } from '../../../runtime/device.ts';
import { openSafetensors } from '../../../runtime/safetensors/open.ts';
import { withReader } from '../../../runtime/safetensors/reader.ts';
import { dense, expectNear, scalarsOf } from '../../std/support.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { runs } from '../../support/runs.ts';
import { caseFolder } from '../fixtures.ts';
import { openOracle, tolerance } from '../reference/oracle.ts';
import { environmentOf, interpreted, modelOf, onDevice } from './support.ts';

const CASE = 'v51-small';
const LABELS = 4;
const HEADS = 'heads.';

/** The heads' weights, and the index of each row's last token, by their names after `heads.`. */
async function recordedHeads(): Promise<ReadonlyMap<string, Float64Array>> {
  const { tensors } = await openSafetensors(join(caseFolder(CASE), 'oracle.safetensors'));
  const read = new Map<string, Float64Array>();
  await withReader(async (reader) => {
    for (const [entry, at] of tensors) {
      if (!entry.startsWith(HEADS)) continue;
      const data = at.dtype === 'I64' ? Float64Array.from(await reader.readIntegers(at)) : await reader.readDoubles(at);
      read.set(entry.slice(HEADS.length), data);
    }
  });
  return read;
}

/**
 * The heads of the case's rows that are padded on the right. On a device they read hidden states that the interpreter
 * computed: what single precision does to those is larger than the heads' tolerance, and tested where they are.
 */
async function expectAuthors(device?: () => Device): Promise<void> {
  const [oracle, model, heads] = [await openOracle(CASE), await modelOf(CASE), await recordedHeads()];
  const rows = oracle.inputs.get('ids3_rightpad') ?? [];
  const mask = rows.map((r) => r.map((id) => (id === 0 ? 0 : 1)));
  const axes = axesFor(model.config, rows.length);
  const inputs = inputsFor(axes);
  const { hidden } = decoder(inputs, axes, model.config);
  const last = lastToken(inputs.ids, axes, 0);
  const outputsOver = (states: Stream) => ({
    last_token_index: last, seqcls_logits: sequenceLogits(states, last, axes, axis('label', LABELS)),
    tokcls_logits: tokenLogits(states, axes, axis('label', LABELS)),
    qa_logits: answerLogits(states, axes, axis('edge', 2)),
  });
  const env = (roots: readonly Node[]) => environmentOf(roots, model, { rows, mask }, 'hf-eager', heads);
  const got = device === undefined
    ? await interpreted(outputsOver(hidden), env)
    : await onDevice(device)(outputsOver(input('hidden', [axes.Batch, axes.Pos, axes.Embed])), (roots) => {
      const [{ data }] = interpret([hidden.node], env([hidden.node]));
      return environmentOf(roots, model, { rows, mask }, 'hf-eager', new Map([...heads, ['hidden', data]]));
    });
  expect([...got['last_token_index'].data]).toEqual([...heads.get('last_token_index') ?? []]);
  for (const name of ['seqcls_logits', 'tokcls_logits', 'qa_logits']) {
    const expected = oracle.tensors.get(`${HEADS}${name}`);
    expect(got[name].sizes).toEqual(expected?.shape);
    expected?.data.forEach((x, i) => expectNear(got[name].data[i], x, 0, tolerance(oracle, `${HEADS}${name}`)));
  }
}

describe('the authors\' heads', () => {
  test('interpreted, with the whole model', () => expectAuthors());
  onEveryDevice((device) => { test('over the hidden states', () => expectAuthors(device)); });
});

describe('the last token of a row', () => {
  const [Batch, Pos] = [axis('batch', 1), axis('pos', 6)];
  const ids = input('ids', [Batch, Pos], 'i32');
  const lastOf = (row: readonly number[], padId: number | null): number =>
    scalarsOf([lastToken(ids, { Pos }, padId)], { inputs: { ids: dense({ batch: 1, pos: 6 }, row) } })[0];

  test('is the rightmost that is no padding, and the first where all are', () => fc.assert(
    fc.property(fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }), (row) => {
      expect(lastOf(row, 0)).toBe(Math.max(0, row.findLastIndex((id) => id !== 0)));
      expect(lastOf(row, null)).toBe(5);
    }), runs(40),
  ));
});
