import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { promptIds } from '../../../cli/prompt.ts';
import { forward, generate, PldrModel, Session, type Tokenizer } from '../../../models/pldr/index.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { CHECKPOINT, difference, expectG, expectWithin, hasTensor, ORACLE, PROMPTS, tensor } from './oracle.ts';

/* The bundled checkpoint, which keeps keys, values and G of its prompt. */

onEveryDevice((device) => {
  let model: PldrModel;
  let tokenizer: Tokenizer;

  beforeAll(async () => {
    model = await PldrModel.load(CHECKPOINT, device());
    tokenizer = model.tokenizer ?? expect.unreachable('the bundled checkpoint has a tokenizer');
  });

  afterAll(() => model?.close());

  describe.each(PROMPTS)('prompt $n, $prompt', ({ prompt, ids, greedy: { kvg }, n }) => {
    test('has the ids of the oracle', () => {
      expect(promptIds(prompt, tokenizer, model.config, false)).toEqual(ids);
    });

    test('gives its logits', async () => {
      const { tensors: got } = await forward(model, { rows: [ids] });
      expect(got['prefill.logits'].shape[1]).toBe(ids.length);
      expectWithin(got['prefill.logits'].data, `prompt${n}.prefill_logits`);
    });

    test('is continued with its tokens and text', async () => {
      const session = await Session.open(model);
      const made: number[] = [];
      try {
        for await (const step of generate(session, { rows: [ids] }, { greedy: true, maxNewTokens: kvg.ids.length }))
          made.push(step.ids[0]);
      } finally {
        session.close();
      }
      expect(made).toEqual(kvg.ids);
      expect(tokenizer.decode([...(prompt === '' ? [] : ids), ...made])).toBe(kvg.text);
    });

    test('has its G', async () => expectG(model, ids, `prompt${n}.kvg.G_LM`));
  });

  test.each(PROMPTS.filter(({ n }) => hasTensor(`prompt${n}.kvg.step_logits`)))(
    'prompt $n gives the logits of every step',
    async ({ ids, greedy, n }) => {
      const { tensors: got } = await forward(model, { rows: [ids] }, { steps: greedy.kvg.ids.length });
      expect(got['greedy.logits'].shape[1]).toBe(greedy.kvg.ids.length);
      expectWithin(got['greedy.logits'].data, `prompt${n}.kvg.step_logits`);
    },
  );

  test('the empty prompt gives its G', async () => expectG(model, [3], 'empty.G_LM'));

  test('texts that fill the context give their log probabilities', async () => {
    const {
      shape: [count, length],
      data: ids,
    } = tensor('windows.ids');
    const expected = tensor('windows.logprob').data;
    const got: number[] = [];
    for (let r = 0; r < count; r++)
      got.push(...(await logProbabilities(model, Array.from({ length }, (_, i) => ids[r * length + i]))));
    // Both sides are single precision, whose logits differ by up to 1e-4 on this model.
    expect(difference(got, expected)).toBeLessThanOrEqual(5e-4);
    expect(got.reduce((n, p) => n - p, 0) / got.length).toBeCloseTo(ORACLE.windows_nll, 5);
  });
});

/** ln p of each token after the first; all of them but the last were read at once, which is where G comes from. */
async function logProbabilities(model: PldrModel, row: readonly number[]): Promise<readonly number[]> {
  const {
    tensors: {
      'prefill.logits': {
        shape: [, , vocab],
        data,
      },
    },
  } = await forward(model, { rows: [row.slice(0, -1)] });
  return row.slice(1).map((id, i) => {
    const logits = data.subarray(i * vocab, (i + 1) * vocab);
    const top = logits.reduce((most, v) => Math.max(most, v), -Infinity);
    return logits[id] - top - Math.log(logits.reduce((n, v) => n + Math.exp(v - top), 0));
  });
}
