import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forward, PldrModel, type ForwardResult } from '../../../models/pldr/index.ts';
import { openDevice, type GpuDevice } from '../../../runtime/webgpu/device.ts';
import { CHECKPOINT, expectG, expectWithin, hasTensor, PROMPTS } from './oracle.ts';

/* The bundled checkpoint, which keeps nothing: every step reads the whole text again and makes G anew. */

let gpu: GpuDevice;
let model: PldrModel;

beforeAll(async () => {
  gpu = await openDevice();
  model = await PldrModel.load(CHECKPOINT, gpu);
});

afterAll(() => {
  model?.close();
  gpu?.close();
});

describe.each(PROMPTS)('prompt $n, $prompt', ({ ids, greedy: { none }, n }) => {
  let result: ForwardResult;
  beforeAll(async () => {
    result = await forward(model, { rows: [ids] }, { cache: 'none', steps: none.ids.length });
  });

  test('is continued with its tokens', () => expect(result.ids).toEqual([none.ids]));

  if (hasTensor(`prompt${n}.none.step_logits`)) {
    test('gives the logits of every step', () => expectWithin(result.tensors['greedy.logits'], `prompt${n}.none.step_logits`));
  }

  test('ends with its G', async () => expectG(model, [...ids, ...none.ids.slice(0, -1)], `prompt${n}.none.G_LM`));
});
