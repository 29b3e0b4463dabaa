import { isJsonObject, readJsonFile, showJson } from '../../../../runtime/safetensors/json.ts';
import { problemsError } from '../../../../runtime/safetensors/problems.ts';
import type { Field, Schema } from './field.ts';
import { isField } from './field.ts';
import { fieldsOf, nest, valueAt } from './flatten.ts';
import { readOverrides, unknownKey } from './overrides.ts';
import { TRAIN_SCHEMA } from './schema.ts';
import type { TrainConfig } from './schema.ts';

/**
 * Reads a training's configuration. An absent key takes its default; `args` go before what the JSON says.
 * @param json `{}` for all defaults
 * @param args as a command line gives them: `['--learningRate.peak', '3e-4']`
 * @param file named in the error
 * @throws RicciError `train/config` that lists every unknown key, every wrong value and every contradiction
 */
export function parseTrainConfig(json: unknown, args: readonly string[] = [], file = 'the configuration'): TrainConfig {
  const fields = fieldsOf(TRAIN_SCHEMA);
  const problems: string[] = [];
  checkKeys(json, TRAIN_SCHEMA, fields, problems, '');
  const given = readOverrides(args, fields, problems);
  const values = new Map<string, unknown>();
  for (const [path, field] of fields) values.set(path, readValue(path, field, json, given, problems));
  const config = nest(TRAIN_SCHEMA, (path) => values.get(path)) as TrainConfig;
  if (problems.length === 0) problems.push(...contradictions(config));
  if (problems.length === 0) return config;
  throw problemsError({
    code: 'train/config',
    subject: `${file} does not describe a training`,
    problems,
    hint: 'Correct these keys; an absent key takes its default.',
  });
}

/** Reads a configuration's file. Throws as `parseTrainConfig`, and `train/missing-file`, `train/not-json`. */
export const loadTrainConfig = async (path: string, args: readonly string[] = []): Promise<TrainConfig> =>
  parseTrainConfig(await readJsonFile(path, 'train'), args, path);

function readValue(
  path: string,
  field: Field<unknown>,
  json: unknown,
  given: ReadonlyMap<string, unknown>,
  problems: string[],
): unknown {
  const value = given.has(path) ? given.get(path) : valueAt(json, path);
  if (value === undefined) return field.absent;
  if (field.accepts(value)) return value;
  problems.push(`${given.has(path) ? '--' : ''}${path} is ${showJson(value)}, expected ${field.wanted}`);
  return field.absent;
}

/** Finds keys that no field has, and objects that are none. */
function checkKeys(
  json: unknown,
  schema: Schema,
  fields: ReadonlyMap<string, Field<unknown>>,
  problems: string[],
  prefix: string,
): void {
  if (!isJsonObject(json)) {
    const where = prefix === '' ? 'it' : prefix.slice(0, -1);
    problems.push(`${where} is ${showJson(json)}, expected an object with ${Object.keys(schema).join(', ')}`);
    return;
  }
  for (const [key, value] of Object.entries(json)) {
    const node = Object.hasOwn(schema, key) ? schema[key] : undefined;
    if (node === undefined) problems.push(unknownKey(prefix + key, prefix + key, fields));
    else if (!isField(node)) checkKeys(value, node, fields, problems, `${prefix}${key}.`);
  }
}

/** What each key allows alone, but not together. */
function contradictions({ steps, learningRate, model, sample }: TrainConfig): readonly string[] {
  const problems: string[] = [];
  if (learningRate.schedule !== 'constant' && learningRate.warmup >= steps) {
    problems.push(`learningRate.warmup is ${learningRate.warmup}, and there are only ${steps} steps`);
  }
  if (model.preset !== null && model.config !== null) problems.push('model.preset and model.config both name a model');
  if (sample.every > 0 && sample.prompts.length === 0) {
    problems.push('sample.every asks for texts without sample.prompts');
  }
  return problems;
}
