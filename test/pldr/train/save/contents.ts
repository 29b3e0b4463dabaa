import { join } from 'node:path';
import type { PldrConfig } from '../../../../models/pldr/config.ts';
import { parameterShapes } from '../../../../models/pldr/parameters.ts';
import { PRESETS } from '../../../../models/pldr/presets.ts';
import type { CheckpointContents } from '../../../../models/pldr/train/save/save-checkpoint.ts';
import { elementCount } from '../../../../runtime/safetensors/dtype.ts';
import type { StreamedTensor } from '../../../../runtime/safetensors/writer.ts';

export const TINY: PldrConfig = {
  ...PRESETS['v51-110M-1'],
  vocabSize: 40,
  layers: 1,
  heads: 2,
  headDim: 4,
  hiddenSize: 8,
  intermediateSize: 9,
  residualUnits: 1,
  gluPerUnit: 1,
  metricWidth: 5,
};

/** Copied into every checkpoint. */
export const COPIED = join(import.meta.dirname, '../../../../checkpoints/pldr-v51-shakespeare/tokenizer_config.json');

/** Values that tell steps and tensors apart. */
const valuesAt = (step: number, seed: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => Math.fround(Math.sin(step * 1000 + seed + i)));

async function* pieces(values: Float32Array): AsyncGenerator<Uint8Array> {
  const bytes = new Uint8Array(values.buffer);
  for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
}

/** What a training of the tiny model would save at a step. */
export function contentsAt(step: number, model: PldrConfig = TINY): CheckpointContents {
  const shapes = [...parameterShapes(model)];
  // Few are enough to have a second file, and a test goes through every write.
  const few = shapes.slice(0, 3);
  const tensors = (prefix: string, seed: number, some = shapes): readonly StreamedTensor[] =>
    some.map(([name, shape], i) => ({
      name: `${prefix}${name}`,
      dtype: 'F32',
      shape,
      chunks: () => pieces(valuesAt(step, seed + i, elementCount(shape))),
    }));
  return {
    model,
    dtype: 'float32',
    weights: tensors('', 0),
    moments: [...tensors('adam.m.', 100, few), ...tensors('adam.v.', 200, few)],
    progress: {
      step,
      data: { seed: 1, epoch: 0, position: step * 16 },
      random: { sample: [step, 2] },
      config: { seed: 1 },
    },
    copied: [COPIED],
  };
}
