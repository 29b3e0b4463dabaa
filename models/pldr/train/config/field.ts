/** What one key of a configuration may be. */
export interface Field<Value> {
  readonly absent: Value;
  /** What is accepted, for an error message: `an integer >= 1`. */
  readonly wanted: string;
  readonly accepts: (value: unknown) => value is Value;
  /** The value that a text on a command line stands for; what it cannot stand for is left for `accepts` to refuse. */
  readonly fromText: (text: string) => unknown;
  /** Whether a training with another value computes other weights. */
  readonly changesWeights: boolean;
  /** Whether it names files or folders: where they are, does not depend on the working directory. */
  readonly isPath?: true;
}

/** The keys of a configuration, in objects as they are nested. */
export interface Schema {
  readonly [key: string]: Field<unknown> | Schema;
}

/** The configuration that a schema describes. */
export type ValuesOf<S> = {
  readonly [Key in keyof S]: S[Key] extends Field<infer Value> ? Value : ValuesOf<S[Key]>;
};

export const isField = (node: Field<unknown> | Schema): node is Field<unknown> => typeof node['accepts'] === 'function';

/** The same field, of which the weights do not depend. */
export const aside = <Value>(field: Field<Value>): Field<Value> => ({ ...field, changesWeights: false });

/** The same field, whose texts are paths. */
export const pathOf = <Value>(field: Field<Value>): Field<Value> => ({ ...field, isPath: true });

/** The same field, or null. */
export const orNull = <Value>(field: Field<Value>): Field<Value | null> => ({
  ...field,
  absent: null,
  wanted: `null or ${field.wanted}`,
  accepts: (value): value is Value | null => value === null || field.accepts(value),
  fromText: (text) => (text === 'null' ? null : field.fromText(text)),
});

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** An empty text is no number, though JavaScript takes it for 0. */
const numberFromText = (given: string): unknown =>
  given.trim() === '' || Number.isNaN(Number(given)) ? given : Number(given);

function numberField(absent: number, wanted: string, fits: (value: number) => boolean): Field<number> {
  const accepts = (value: unknown): value is number => isNumber(value) && fits(value);
  return { absent, wanted, accepts, fromText: numberFromText, changesWeights: true };
}

export const integer = (absent: number, least: number): Field<number> =>
  numberField(absent, `an integer >= ${least}`, (value) => Number.isSafeInteger(value) && value >= least);

export const positive = (absent: number): Field<number> => numberField(absent, 'a number > 0', (value) => value > 0);

export const atLeastZero = (absent: number): Field<number> =>
  numberField(absent, 'a number >= 0', (value) => value >= 0);

/** In [0, 1). */
export const part = (absent: number): Field<number> =>
  numberField(absent, 'a number >= 0 and < 1', (value) => value >= 0 && value < 1);

/** In [0, 1]. */
export const fraction = (absent: number): Field<number> =>
  numberField(absent, 'a number >= 0 and <= 1', (value) => value >= 0 && value <= 1);

export const flag = (absent: boolean): Field<boolean> => ({
  absent,
  wanted: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
  fromText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  changesWeights: true,
});

export const text = (absent: string): Field<string> => ({
  absent,
  wanted: 'a text that is not empty',
  accepts: (value): value is string => typeof value === 'string' && value !== '',
  fromText: (given) => given,
  changesWeights: true,
});

/** On a command line: a JSON list, or texts between commas. */
export const texts = (): Field<readonly string[]> => listOf(text(''), 'texts');

/** A list whose entries each fit a field; on a command line, a JSON list, or entries between commas. */
export const listOf = <Value>(entry: Field<Value>, wanted: string): Field<readonly Value[]> => ({
  absent: [],
  wanted: `a list of ${wanted}`,
  accepts: (value): value is readonly Value[] => Array.isArray(value) && value.every((one) => entry.accepts(one)),
  fromText: (given) => {
    const list = listFromText(given);
    if (!Array.isArray(list)) return list;
    return list.map((one: unknown) => (typeof one === 'string' ? entry.fromText(one) : one));
  },
  changesWeights: true,
});

function listFromText(given: string): unknown {
  if (!given.startsWith('[')) return given === '' ? [] : given.split(',');
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

export const choice = <const Names extends readonly string[]>(...names: Names): Field<Names[number]> => ({
  absent: names[0]!,
  wanted: `one of ${names.map((name) => `"${name}"`).join(', ')}`,
  accepts: (value): value is Names[number] => typeof value === 'string' && names.includes(value),
  fromText: (given) => given,
  changesWeights: true,
});
