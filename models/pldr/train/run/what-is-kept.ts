import type { StreamedTensor } from '../../../../runtime/safetensors/writer.ts';
import type { ReadWeight } from '../../../../runtime/weights.ts';
import { GIVEN_G_STATUS } from '../../parameters.ts';
import { momentName } from '../training-graph.ts';
import type { Trainer } from '../trainer.ts';
import type { WeightShapes } from './first-weights.ts';

/** The weights of a model and its moments, as files of tensors hold them; read from the device when they are written. */
export function tensorsOf(
  trainer: Trainer, all: WeightShapes, first: ReadWeight,
): { readonly weights: readonly StreamedTensor[]; readonly moments: readonly StreamedTensor[] } {
  const trained = new Set(trainer.trained);
  const shapes = [...all];
  const stays = async (name: string, shape: readonly number[]): Promise<Float32Array> => {
    const values = new Float32Array(shape.reduce((n, s) => n * s, 1));
    await first(name, 0, values);
    return values;
  };
  return {
    weights: shapes.map(([name, shape]): StreamedTensor => {
      if (name === GIVEN_G_STATUS) return { name, dtype: 'BOOL', shape, chunks: () => [new Uint8Array(shape[0]).fill(1)] };
      return streamed(name, shape, () => (trained.has(name) ? trainer.read(name) : stays(name, shape)));
    }),
    moments: shapes.filter(([name]) => trained.has(name)).flatMap(([name, shape]) =>
      (['m', 'v'] as const).map((moment) => momentName(moment, name))
        .map((moment) => streamed(moment, shape, () => trainer.read(moment)))),
  };
}

function streamed(name: string, shape: readonly number[], read: () => Promise<Float32Array>): StreamedTensor {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const { buffer, byteOffset, byteLength } = await read();
    yield new Uint8Array(buffer, byteOffset, byteLength);
  }
  return { name, dtype: 'F32', shape, chunks };
}
