import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { add, parameter, tensorOf } from '../../../dsl/index.ts';
import { loadConfig, openCheckpoint, type Operator, type Variant } from '../../../models/pldr/index.ts';
import { powerLawOperator, density } from '../../../models/pldr/operator.ts';
import { parseTrainConfig } from '../../../models/pldr/train/config/parse-train-config.ts';
import { loadHashedTokenizer } from '../../../models/pldr/train/data/hashed-tokenizer.ts';
import { runTraining, type TrainingEnd } from '../../../models/pldr/train/run/run.ts';
import { openSafetensors, readFloats } from '../../../runtime/safetensors/index.ts';
import { textCheckpoint } from '../../cli/checkpoints.ts';
import { openTestCpu } from '../../support/device.ts';
import { temporaryFolder } from '../../weights/support.ts';

const folder = temporaryFolder();

/** G and a matrix of the variant's own. */
const shifted: Variant = (input) => {
  const { Row, Col } = input.axes;
  const own = parameter(`own.${input.layer}.w`, [Row, Col]);
  const { G } = powerLawOperator(density(input), input);
  const moved: Operator = tensorOf(add(G, own).node);
  return { G: moved };
};

test('a variant\'s own weights are trained, kept, and gone on with', async () => {
  const checkpoint = await textCheckpoint(folder, 'v51-small');
  const text = join(folder, 'text.txt');
  await writeFile(text, 'the cat sat on the mat and sang a song of the sea. '.repeat(20));
  const config = parseTrainConfig({
    steps: 2, batch: 2, context: 10, data: { paths: [text], validation: 0 }, save: { keep: 5 },
    learningRate: { schedule: 'constant', peak: 0.01, warmup: 0 },
  });
  const device = await openTestCpu();
  const model = await loadConfig(checkpoint.config);
  const tokenizer = await loadHashedTokenizer(checkpoint.tokenizer);
  const begun: number[] = [];
  const run = (out: string): Promise<TrainingEnd> => runTraining(config, {
    device, folder: out, model, tokenizer, variant: shifted, now: () => 0,
    tell: (event) => { if (event.kind === 'begun') begun.push(event.step); },
  });
  try {
    const out = mkdtempSync(join(folder, 'run-'));
    const end = await run(out);
    const kept = end.checkpoint ?? expect.unreachable('no checkpoint');
    const { tensors } = await openCheckpoint(kept, { variant: shifted });
    expect(tensors.get('own.0.w')?.shape).toEqual([model.headDim, model.headDim]);
    const first = new Float32Array(model.headDim ** 2);
    const moments = await openSafetensors(join(kept, 'training-state.safetensors'));
    await readFloats(moments.tensors.get('adam.m.own.0.w') ?? expect.unreachable('no moment'), 0, first);
    expect(first.some((x) => x !== 0)).toBe(true);
    // Weights and moments are read again, the variant's too.
    expect(await run(out)).toEqual({ step: 2, checkpoint: kept });
    expect(begun).toEqual([0, 2]);
  } finally {
    device.close();
  }
});
