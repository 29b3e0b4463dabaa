import { isJsonObject, showJson } from '../../../../runtime/safetensors/json.ts';
import type { Field, Schema, ValuesOf } from './field.ts';
import { isField } from './field.ts';
import { fieldsOf, nest, valueAt } from './flatten.ts';
import { readOverrides, unknownKey } from './overrides.ts';
import { asInFile } from './paths.ts';

/** What a JSON value and a command line say by a schema. */
export interface Parsed<S> {
  /** A key that is absent, or whose value is wrong, has its default. */
  readonly config: ValuesOf<S>;
  /** A clause for each unknown key, wrong value and wrong argument. */
  readonly problems: readonly string[];
}

/**
 * @param args as a command line gives them, `['--learningRate.peak', '3e-4']`; they go before what the JSON says
 * @param base the folder from which the JSON's paths count, and to which those of `args` are brought
 */
export function parseSchema<S extends Schema>(
  schema: S, json: unknown, args: readonly string[] = [], base = '',
): Parsed<S> {
  const fields = fieldsOf(schema);
  const problems: string[] = [];
  checkKeys(json, schema, fields, problems, '');
  const given = new Map([...readOverrides(args, fields, problems)].map(([path, value]) => {
    const field = fields.get(path);
    return [path, field === undefined ? value : asInFile(field, value, base)] as const;
  }));
  const values = new Map<string, unknown>();
  for (const [path, field] of fields) values.set(path, readValue(path, field, json, given, problems));
  return { config: nest(schema, (path) => values.get(path)) as ValuesOf<S>, problems };
}

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
