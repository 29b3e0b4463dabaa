import { isAbsolute, join, relative, sep } from 'node:path';
import type { Field, Schema, ValuesOf } from './field.ts';
import { fieldsOf, nest, valueAt } from './flatten.ts';

/*
 * Paths in a configuration's file count from its folder, so that it means the same wherever a command is run; paths on a
 * command line count from where it is run. A configuration keeps all of them as its file would have them.
 */

/** The same configuration with paths that count from the working directory. @param base the folder of its file */
export function located<S extends Schema>(schema: S, config: ValuesOf<S>, base: string): ValuesOf<S> {
  const fields = fieldsOf(schema);
  const fromHere = (path: string): string => (isAbsolute(path) ? path : join(base, path));
  return nest(schema, (key) => {
    const value = valueAt(config, key);
    return fields.get(key)?.isPath === true ? eachPath(value, fromHere) : value;
  }) as ValuesOf<S>;
}

/** A value of a command line as the file in the folder `base` would have it. */
export function asInFile(field: Field<unknown>, value: unknown, base: string): unknown {
  if (field.isPath !== true || base === '') return value;
  return eachPath(value, (path) => (isAbsolute(path) ? path : relative(base, path).split(sep).join('/') || '.'));
}

const eachPath = (value: unknown, change: (path: string) => string): unknown =>
  (Array.isArray(value) ? value.map((one) => eachPath(one, change))
    : typeof value === 'string' && value !== '' ? change(value) : value);
