import { showJson, type JsonObject } from '../../../../runtime/safetensors/json.ts';

/*
 * What a line of labelled data holds under a key. Each adds a clause to `problems`, and returns nothing, where it is
 * not of the kind that is asked for.
 */

/** The text under a key. */
export function textAt(record: JsonObject, key: string, problems: string[]): string | undefined {
  const value = valueAt(record, key);
  if (typeof value === 'string') return value;
  problems.push(`${showJson(key)} is ${described(value)}, where a text should be`);
  return undefined;
}

/** The list of texts under a key. */
export function textsAt(record: JsonObject, key: string, problems: string[]): readonly string[] | undefined {
  const value = valueAt(record, key);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  problems.push(`${showJson(key)} is ${described(value)}, where a list of texts should be`);
  return undefined;
}

/** The name of a label under a key: a text, or an integer as it is written. */
export function labelAt(record: JsonObject, key: string, problems: string[]): string | undefined {
  const value = valueAt(record, key);
  const label = labelOf(value);
  if (label === undefined) problems.push(`${showJson(key)} is ${described(value)}, where a label should be`);
  return label;
}

/** The names of the labels under a key. */
export function labelsAt(record: JsonObject, key: string, problems: string[]): readonly string[] | undefined {
  const value = valueAt(record, key);
  const labels = Array.isArray(value) ? value.map(labelOf) : [undefined];
  if (labels.every((label) => label !== undefined)) return labels;
  problems.push(`${showJson(key)} is ${described(value)}, where a list of labels should be`);
  return undefined;
}

export const valueAt = (record: JsonObject, key: string): unknown =>
  (Object.hasOwn(record, key) ? record[key] : undefined);

/** Parquet's integers may be of 64 bits. */
function labelOf(value: unknown): string | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value;
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : undefined;
}

const described = (value: unknown): string =>
  (value === undefined || value === null ? 'missing' : typeof value === 'bigint' ? String(value) : showJson(value));
