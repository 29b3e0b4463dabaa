import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forward, PldrModel, type ForwardResult } from '../../../models/pldr/index.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { CHECKPOINT, expectG, expectWithin, hasTensor, PROMPTS } from './oracle.ts';

/* The bundled checkpoint, which keeps nothing: every step reads the whole text again and makes G anew. */

/** Enough for two of the texts to leave those of the cached modes; each further token takes longer. */
const STEPS = 40;

const SCORED = PROMPTS.filter(({ n }) => hasTensor(`prompt${n}.none.step_logits`));

onEveryDevice((device) => {
  let model: PldrModel;

  beforeAll(async () => {
    model = await PldrModel.load(CHECKPOINT, device());
  });

  afterAll(() => model?.close());

  const results = new Map<number, Promise<ForwardResult>>();

  /** A prompt with its greedy steps, computed once. */
  function continued({ ids, n }: (typeof PROMPTS)[number]): Promise<ForwardResult> {
    const known = results.get(n);
    const result = known ?? forward(model, { rows: [ids] }, { cache: 'none', steps: STEPS });
    results.set(n, result);
    return result;
  }

  describe.each(PROMPTS)('prompt $n, $prompt', (prompt) => {
    const { ids, greedy, n } = prompt;

    test('is continued with its tokens', async () => {
      expect((await continued(prompt)).ids).toEqual([greedy.none.ids.slice(0, STEPS)]);
    });

    test('ends with its G', async () => {
      await expectG(model, [...ids, ...greedy.none.ids.slice(0, -1)], `prompt${n}.none.G_LM`);
    });
  });

  test.each(SCORED)('prompt $n gives the logits of every step', async (prompt) => {
    const { tensors } = await continued(prompt);
    expect(tensors['greedy.logits'].shape[1]).toBe(STEPS);
    expectWithin(tensors['greedy.logits'].data, `prompt${prompt.n}.none.step_logits`);
  });
});
