import type { Field } from './field.ts';
import { didYouMean } from './nearest-key.ts';

/**
 * Reads `--key value`, `--nested.key value` and `--key=value`; a key may be written with hyphens for its capitals. A
 * flag without a value is true.
 * @param problems gets a clause for each argument that is wrong
 * @returns values by path, as `Field.fromText` makes them
 */
export function readOverrides(
  args: readonly string[],
  fields: ReadonlyMap<string, Field<unknown>>,
  problems: string[],
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  for (let i = 0; i < args.length; ) {
    const { name, text, taken } = argumentAt(args, i, fields);
    i += taken;
    const path = name === undefined ? undefined : pathOf(name);
    const field = path === undefined ? undefined : fields.get(path);
    if (path === undefined) problems.push(`"${text}" stands where a --key should be`);
    else if (field === undefined) problems.push(unknownKey(`--${name}`, path, fields));
    else if (text === undefined) problems.push(`--${name} lacks its value, ${field.wanted}`);
    else if (values.has(path)) problems.push(`--${name} is given twice`);
    else values.set(path, field.fromText(text));
  }
  return values;
}

interface Argument {
  readonly name: string | undefined;
  readonly text: string | undefined;
  /** Arguments that it consists of. */
  readonly taken: number;
}

function argumentAt(args: readonly string[], at: number, fields: ReadonlyMap<string, Field<unknown>>): Argument {
  const first = args[at]!;
  if (!first.startsWith('--')) return { name: undefined, text: first, taken: 1 };
  const equals = first.indexOf('=');
  if (equals >= 0) return { name: first.slice(2, equals), text: first.slice(equals + 1), taken: 1 };
  const name = first.slice(2);
  const next = args[at + 1];
  if (next !== undefined && !next.startsWith('--')) return { name, text: next, taken: 2 };
  const isFlag = typeof fields.get(pathOf(name))?.absent === 'boolean';
  return { name, text: isFlag ? 'true' : undefined, taken: 1 };
}

/** `learning-rate.peak` is `learningRate.peak`. */
const pathOf = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** What is wrong with a path that is no field's: perhaps it is that of an object. */
export function unknownKey(shown: string, path: string, fields: ReadonlyMap<string, Field<unknown>>): string {
  const inside = [...fields.keys()].filter((key) => key.startsWith(`${path}.`));
  if (inside.length > 0) return `${shown} is an object; its keys are ${inside.join(', ')}`;
  return `${shown} is unknown${didYouMean(path, fields.keys())}`;
}
