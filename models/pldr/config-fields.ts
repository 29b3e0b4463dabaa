import { showJson } from '../../runtime/safetensors/json.ts';
import type { JsonObject } from '../../runtime/safetensors/json.ts';

/**
 * Typed access to the keys of a config.json. A bad value is noted in the problem list and replaced by the
 * default, so that reading goes on and finds the other problems.
 */
export interface Fields {
  /** The value as it stands; undefined when absent. */
  raw(key: string): unknown;
  /** An integer >= 1. */
  size(key: string, absent: number): number;
  /** An integer >= 1; null stands for `whenNull`. */
  derivedSize(key: string, absent: number, whenNull: number): number;
  /** A finite number > 0. */
  positive(key: string, absent: number): number;
  flag(key: string, absent: boolean): boolean;
  /** A token id below `vocabSize`, or null for none. */
  token(key: string, absent: number, vocabSize: number): number | null;
}

export function openFields(json: JsonObject, problems: string[]): Fields {
  const raw = (key: string): unknown => (Object.hasOwn(json, key) ? json[key] : undefined);

  function read<Value>(key: string, absent: Value, accepts: (value: unknown) => value is Value, wanted: string): Value {
    const value = raw(key);
    if (value === undefined || accepts(value)) return value ?? absent;
    problems.push(`${key} is ${showJson(value)}, expected ${wanted}`);
    return absent;
  }

  const size = (key: string, absent: number): number => read(key, absent, isSize, 'an integer >= 1');
  return {
    raw,
    size,
    derivedSize: (key, absent, whenNull) => (raw(key) === null ? whenNull : size(key, absent)),
    positive: (key, absent) => read(key, absent, isPositive, 'a finite number > 0'),
    flag: (key, absent) => read(key, absent, isBoolean, 'true or false'),
    token: (key, absent, vocabSize) =>
      raw(key) === null
        ? null
        : read(key, absent, isTokenBelow(vocabSize), `null or one token id in [0, ${vocabSize})`),
  };
}

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

const isTokenBelow =
  (vocabSize: number) =>
  (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < vocabSize;
