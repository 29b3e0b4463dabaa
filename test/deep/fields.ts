import { axis, symbol, type Axis } from '../../dsl/axis.ts';
import { RicciError } from '../../dsl/errors.ts';
import { showJson } from '../../runtime/safetensors/json.ts';
import { readNumber } from './exact-number.ts';

/** All values of a type of words, so that a word can be looked up. */
export type Words<W extends string> = Readonly<Record<W, true>>;

/** One object of a replay file, read field by field; every method throws `replay/field` with the field's place. */
export class Fields {
  readonly #json: object;
  readonly #where: string;

  constructor(json: unknown, where: string) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong(where, 'an object', json);
    this.#json = json;
    this.#where = where;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#json, name);
  }

  get names(): readonly string[] {
    return Object.keys(this.#json);
  }

  text(name: string): string {
    const json = this.#at(name);
    if (typeof json !== 'string') throw wrong(this.#place(name), 'a text', json);
    return json;
  }

  truth(name: string): boolean {
    const json = this.#at(name);
    if (typeof json !== 'boolean') throw wrong(this.#place(name), 'true or false', json);
    return json;
  }

  word<W extends string>(name: string, words: Words<W>): W {
    return asWord(this.#at(name), words, this.#place(name));
  }

  number(name: string): number {
    return asNumber(this.#at(name), this.#place(name));
  }

  integer(name: string): number {
    return asInteger(this.#at(name), this.#place(name));
  }

  numbers(name: string): readonly number[] {
    return this.list(name).map((json, i) => asNumber(json, `${this.#place(name)}[${i}]`));
  }

  integers(name: string): readonly number[] {
    return this.list(name).map((json, i) => asInteger(json, `${this.#place(name)}[${i}]`));
  }

  axis(name: string): Axis {
    return asAxis(this.#at(name), this.#place(name));
  }

  axes(name: string): readonly Axis[] {
    return this.list(name).map((json, i) => asAxis(json, `${this.#place(name)}[${i}]`));
  }

  object(name: string): Fields {
    return new Fields(this.#at(name), this.#place(name));
  }

  list(name: string): readonly unknown[] {
    return asList(this.#at(name), this.#place(name));
  }

  /** The field as it stands in the file. */
  raw(name: string): unknown {
    return this.#at(name);
  }

  #place(name: string): string {
    return `${this.#where}.${name}`;
  }

  #at(name: string): unknown {
    const found = Object.entries(this.#json).find(([key]) => key === name);
    if (found === undefined) throw wrong(this.#place(name), 'there', undefined);
    return found[1];
  }
}

export function wrong(where: string, expected: string, got: unknown): RicciError {
  return new RicciError({
    code: 'replay/field',
    message: `${where} should be ${expected}, and is ${got === undefined ? 'missing' : showJson(got)}.`,
    hint: 'Correct the replay file, or have test:deep write it anew.',
  });
}

export function asList(json: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(json)) throw wrong(where, 'a list', json);
  return json;
}

export function asNumber(json: unknown, where: string): number {
  const x = readNumber(json);
  if (x === undefined) throw wrong(where, 'a number', json);
  return x;
}

export function asInteger(json: unknown, where: string): number {
  if (typeof json !== 'number' || !Number.isSafeInteger(json)) throw wrong(where, 'an integer', json);
  return json;
}

export function asWord<W extends string>(json: unknown, words: Words<W>, where: string): W {
  const isWord = (x: unknown): x is W => typeof x === 'string' && Object.hasOwn(words, x);
  if (!isWord(json)) throw wrong(where, `one of ${Object.keys(words).join(', ')}`, json);
  return json;
}

/** `["batch", 3]`, or `["pos", "n", 8]` for a size `n` of at most 8. */
export const writeAxis = ({ name, size }: Axis): readonly (string | number)[] =>
  (typeof size === 'number' ? [name, size] : [name, size.symbol, size.max]);

function asAxis(json: unknown, where: string): Axis {
  const [name, size, max] = asList(json, where);
  if (typeof name !== 'string') throw wrong(where, 'an axis', json);
  return axis(name, typeof size === 'string' ? symbol(size, asInteger(max, where)) : asInteger(size, where));
}
