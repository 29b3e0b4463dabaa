import { join } from 'node:path';
import { RicciError } from '../../../../dsl/errors.ts';
import { isJsonObject, readJsonFile, showJson, type JsonObject } from '../../../../runtime/safetensors/json.ts';

/**
 * Refuses to go on with other labels than a training was begun with: their numbers would be others.
 * @throws RicciError `train/changed-labels`
 */
export async function checkLabelsUnchanged(checkpoint: string, described: JsonObject): Promise<void> {
  const json = await readJsonFile(join(checkpoint, 'config.json'), 'checkpoint');
  const [before, after] = [namesIn(json), namesIn(described)];
  if (before.join('\n') === after.join('\n')) return;
  const [unseen, gone] = [after.filter((x) => !before.includes(x)), before.filter((x) => !after.includes(x))];
  throw new RicciError({
    code: 'train/changed-labels',
    message: `The training of ${checkpoint} was begun with the labels ${before.map(showJson).join(', ')}; ${[
      ...(unseen.length > 0 ? [`it has never seen ${unseen.map(showJson).join(', ')}`] : []),
      ...(gone.length > 0 ? [`the data have no ${gone.map(showJson).join(', ')} any more`] : []),
    ].join(', and ')}.`,
    hint: 'Go on with the same data, or begin a training of its own from this checkpoint (model.from).',
  });
}

const namesIn = (json: unknown): readonly string[] =>
  (isJsonObject(json) && isJsonObject(json['label2id']) ? Object.keys(json['label2id']) : []);
