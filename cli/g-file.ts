import { RicciError } from '../dsl/errors.ts';
import type { PldrConfig } from '../models/pldr/index.ts';
import { elementCount, openSafetensors, readFloats } from '../runtime/safetensors/index.ts';

const NAME = 'G_LM';

/**
 * Reads the operator of every layer and head from a safetensors file: tensor `G_LM` [layer, head, row, col].
 * @throws `weights/…` for the file, `checkpoint/g-file` for a tensor that is missing or does not fit the model
 */
export async function readG(file: string, config: PldrConfig): Promise<Float32Array> {
  const { tensors } = await openSafetensors(file);
  const expected = [config.layers, config.heads, config.headDim, config.headDim];
  const entry = tensors.get(NAME);
  const shape = `[${expected.join(', ')}] (layers, heads, head size, head size)`;
  if (entry === undefined) {
    throw gError(
      `${file} has no tensor ${NAME}; it holds ${[...tensors.keys()].join(', ') || 'none'}.`,
      `Store G as ${NAME} ${shape}.`,
    );
  }
  if (entry.shape.join() !== expected.join()) {
    throw gError(
      `${NAME} in ${file} has the wrong shape: expected ${shape}, found [${entry.shape.join(', ')}].`,
      'Give the G of this model.',
    );
  }
  const data = new Float32Array(elementCount(expected));
  await readFloats(entry, 0, data);
  const at = data.findIndex((x) => !Number.isFinite(x));
  if (at < 0) return data;
  throw gError(`${NAME} in ${file} has the value ${data[at]} at element ${at}.`, 'Give finite numbers.');
}

const gError = (message: string, hint: string): RicciError =>
  new RicciError({ code: 'checkpoint/g-file', message, hint });
