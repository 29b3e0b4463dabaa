import { RicciError } from '../../dsl/errors.ts';
import type { TensorEntry } from '../../runtime/safetensors/entry.ts';
import { readIntegers } from '../../runtime/safetensors/reader.ts';
import type { PldrConfig } from './config.ts';
import { GIVEN_G, GIVEN_G_STATUS } from './parameters.ts';

/**
 * Whether the file's given operator can be used. An identity G can always be made; a random or external G that is
 * absent, or marked as not filled in for some layer, can only come from the caller.
 * @throws RicciError `checkpoint/missing-g`
 */
export async function checkGivenG(
  dir: string,
  config: PldrConfig,
  tensors: ReadonlyMap<string, TensorEntry>,
  callerSupplies: boolean,
): Promise<boolean> {
  if (config.customG === null) return false;
  const status = tensors.get(GIVEN_G_STATUS);
  const unfilled = status === undefined ? [] : await unfilledLayers(status);
  if (status !== undefined && unfilled.length === 0) return true;
  if (callerSupplies || config.customG === 'identity') return false;
  const lack =
    status === undefined
      ? `hold no ${GIVEN_G}`
      : `mark G as not filled in for layer ${unfilled.join(', ')} (${GIVEN_G_STATUS} is false)`;
  throw new RicciError({
    code: 'checkpoint/missing-g',
    message: `custom_G_type is "${config.customG}", but the weights in ${dir} ${lack}.`,
    hint: `Supply G yourself, or store it as ${GIVEN_G} together with ${GIVEN_G_STATUS} true for every layer.`,
  });
}

async function unfilledLayers(status: TensorEntry): Promise<readonly number[]> {
  const flags = await readIntegers(status);
  return [...flags].flatMap((flag, layer) => (flag === 0 ? [layer] : []));
}
