import { dirname, join } from 'node:path';
import { access } from 'node:fs/promises';
import { RicciError } from '../../../../dsl/errors.ts';
import { loadConfig, type PldrConfig } from '../../config.ts';
import { isPresetName, PRESETS } from '../../presets.ts';
import type { TrainConfig } from '../config/schema.ts';
import { loadHashedTokenizer, type HashedTokenizer } from '../data/hashed-tokenizer.ts';

/** What is trained, and how its texts become tokens. */
export interface TrainedModel {
  readonly model: PldrConfig;
  readonly tokenizer: HashedTokenizer;
}

/**
 * The model that a training's configuration names, with the context that it is trained with.
 * @throws RicciError `train/model` where none is named or the tokenizer does not fit, and as `loadConfig`
 */
export async function modelOf({ model, data, context }: TrainConfig): Promise<TrainedModel> {
  const described = await configOf(model);
  const tokenizer = await loadHashedTokenizer(data.tokenizer ?? await tokenizerBeside(described.folder));
  const { vocabSize } = described.config;
  if (tokenizer.tokenizer.size > vocabSize) {
    throw problem(
      `${tokenizer.path} has ${tokenizer.tokenizer.size} pieces, and the model's vocabulary ${vocabSize}.`,
      'Name the tokenizer that the model is for (data.tokenizer), or a model with its vocabulary.',
    );
  }
  return { model: { ...described.config, contextLength: Math.max(described.config.contextLength, context) }, tokenizer };
}

async function configOf(
  { from, config, preset }: TrainConfig['model'],
): Promise<{ readonly config: PldrConfig; readonly folder: string | undefined }> {
  if (preset !== null) {
    if (isPresetName(preset)) return { config: PRESETS[preset], folder: from ?? undefined };
    throw problem(`There is no model called "${preset}".`, `Name one of ${Object.keys(PRESETS).join(', ')}.`);
  }
  const file = config ?? (from === null ? undefined : join(from, 'config.json'));
  if (file !== undefined) return { config: await loadConfig(file), folder: dirname(file) };
  throw problem('The configuration names no model.', 'Give model.preset, model.config or model.from.');
}

async function tokenizerBeside(folder: string | undefined): Promise<string> {
  const path = folder === undefined ? undefined : join(folder, 'tokenizer.model');
  const isThere = path !== undefined && await access(path).then(() => true, () => false);
  if (path !== undefined && isThere) return path;
  throw problem(
    `The configuration names no tokenizer${folder === undefined ? '' : `, and there is none in ${folder}`}.`,
    'Give data.tokenizer, the path of a tokenizer.model.',
  );
}

const problem = (message: string, hint: string): RicciError => new RicciError({ code: 'train/model', message, hint });
