import { dirname } from 'node:path';
import { readJsonFile } from '../../../../runtime/safetensors/json.ts';
import { problemsError } from '../../../../runtime/safetensors/problems.ts';
import { parseSchema } from './parse-schema.ts';
import { located } from './paths.ts';
import { TRAIN_SCHEMA } from './schema.ts';
import type { TrainConfig } from './schema.ts';

/**
 * Reads a training's configuration. An absent key takes its default; `args` go before what the JSON says.
 * @param json `{}` for all defaults
 * @param args as a command line gives them: `['--learningRate.peak', '3e-4']`
 * @param file named in the error
 * @param base the folder from which its paths count: the working directory where nothing is said
 * @throws RicciError `train/config` that lists every unknown key, every wrong value and every contradiction
 */
export function parseTrainConfig(
  json: unknown, args: readonly string[] = [], file = 'the configuration', base?: string,
): TrainConfig {
  const { config, problems: found } = parseSchema(TRAIN_SCHEMA, json, args, base);
  const problems = found.length === 0 ? contradictions(config) : found;
  if (problems.length === 0) return config;
  throw problemsError({
    code: 'train/config',
    subject: `${file} does not describe a training`,
    problems,
    hint: 'Correct these keys; an absent key takes its default.',
  });
}

/**
 * Reads a configuration's file, from whose folder its paths count (`locatedConfig`). Throws as `parseTrainConfig`, and
 * `train/missing-file`, `train/not-json`.
 */
export const loadTrainConfig = async (path: string, args: readonly string[] = []): Promise<TrainConfig> =>
  parseTrainConfig(await readJsonFile(path, 'train'), args, path, dirname(path));

/** A configuration with paths that count from the working directory. @param base the folder of its file */
export const locatedConfig = (config: TrainConfig, base: string): TrainConfig => located(TRAIN_SCHEMA, config, base);

/** What each key allows alone, but not together. */
function contradictions({ task, steps, learningRate, model, sample }: TrainConfig): readonly string[] {
  const problems: string[] = [];
  if (learningRate.schedule !== 'constant' && learningRate.warmup >= steps) {
    problems.push(`learningRate.warmup is ${learningRate.warmup}, and there are only ${steps} steps`);
  }
  if (model.preset !== null && model.config !== null) problems.push('model.preset and model.config both name a model');
  if (sample.every > 0 && sample.prompts.length === 0) {
    problems.push('sample.every asks for texts without sample.prompts');
  }
  if (sample.every > 0 && task !== 'language') problems.push(`sample.every asks for texts, and ${task} writes none`);
  return problems;
}
