import { expect, test } from 'vitest';
import { warmupCosine } from 'ricci/dsl';
import { generate, parameterShapes, parseConfig, Session } from 'ricci/pldr';
import { openCpu } from 'ricci/runtime';
import { AUTHORS_RECIPE, newWeights, Trainer } from 'ricci/train';

// What a user writes, by the names of the package alone.
test('a program declares a small model, trains it on numbers of its own and generates with it', async () => {
  const config = parseConfig({
    model_type: 'pldrllm', vocab_size: 12, hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, head_dim: 8,
    max_position_embeddings: 16, intermediate_size: 16, num_reslayerA: 1, num_denseA: 1, A_dff: 8,
  });
  const device = await openCpu({ threads: 1 });
  const read = newWeights(config, parameterShapes(config), 'authors', 1);
  const trainer = await Trainer.open(device, config, { ...AUTHORS_RECIPE, batch: 1, positions: 8, read, resumes: false });
  const text = Int32Array.of(4, 5, 6, 7, 8, 4, 5, 6, 7);
  const batch = { rows: 1, positions: 8, ids: text.subarray(0, 8), targets: text.subarray(1) };
  const rate = warmupCosine({ learningRate: 0.02, warmupSteps: 5, totalSteps: 60, alpha: 0.1 });
  for (let step = 0; step < 60; step++) {
    await trainer.update(batch, { learningRate: rate(step), step: step + 1 });
  }
  const model = trainer.model();
  const session = await Session.open(model);
  const written: number[] = [];
  for await (const { ids } of generate(session, { rows: [[4, 5]] }, { greedy: true, maxNewTokens: 3 })) written.push(ids[0]);
  expect(written).toEqual([6, 7, 8]);
  for (const part of [session, model, trainer, device]) part.close();
});
