import { isJsonObject } from '../../../../runtime/safetensors/json.ts';
import type { JsonObject } from '../../../../runtime/safetensors/json.ts';
import { isField } from './field.ts';
import type { Field, Schema } from './field.ts';

/** The fields of a schema by their paths, `learningRate.peak`, in order. */
export function fieldsOf(schema: Schema, prefix = ''): ReadonlyMap<string, Field<unknown>> {
  return new Map(
    Object.entries(schema).flatMap(([key, node]): readonly (readonly [string, Field<unknown>])[] =>
      isField(node) ? [[prefix + key, node]] : [...fieldsOf(node, `${prefix}${key}.`)],
    ),
  );
}

/** The value at a path of nested objects; undefined where there is none. */
export function valueAt(json: unknown, path: string): unknown {
  const into = (at: unknown, key: string): unknown =>
    isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return path.split('.').reduce(into, json);
}

/** Nested objects in the schema's order, with a value for each field. */
export function nest(schema: Schema, valueOf: (path: string) => unknown, prefix = ''): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([key, node]) => [
      key,
      isField(node) ? valueOf(prefix + key) : nest(node, valueOf, `${prefix}${key}.`),
    ]),
  );
}
