import { RicciError } from '../../../../dsl/errors.ts';
import { problemsError } from '../../../../runtime/safetensors/problems.ts';
import { isJsonObject, showJson, type JsonObject } from '../../../../runtime/safetensors/json.ts';
import type { CorpusFile } from '../data/corpus-files.ts';
import { readJsonLines, type PlacedValue } from '../data/read-jsonl.ts';
import { readParquetRows } from '../data/read-parquet.ts';

/** Problems that are listed before reading stops. */
const MOST_PROBLEMS = 20;

/** How one line, or row, becomes an example. */
export interface RecordReader<Example> {
  /** Columns of a Parquet file that are read. */
  readonly columns: readonly string[];
  /** Columns that are read where there are such. */
  readonly optional?: readonly string[];
  /** @param problems gets a clause for each thing that is wrong; the example is then not used */
  read(record: JsonObject, problems: string[]): Example | undefined;
}

export interface Placed<Example> {
  readonly example: Example;
  /** `texts.jsonl:3` */
  readonly place: string;
}

/**
 * The examples of files of labelled data: JSON Lines or Parquet.
 * @throws RicciError `data/labelled` with every line that cannot be used, up to some; `data/empty`; and as the readers
 * of the formats
 */
export async function readRecords<Example>(
  files: readonly CorpusFile[], reader: RecordReader<Example>,
): Promise<readonly Placed<Example>[]> {
  const examples: Placed<Example>[] = [];
  const problems: string[] = [];
  for (const file of files) {
    for await (const { value, place } of valuesOf(file, reader)) {
      const wrong: string[] = [];
      const example = isJsonObject(value) ? reader.read(value, wrong) : undefined;
      if (!isJsonObject(value)) wrong.push(`is ${showJson(value)}, not a JSON object`);
      problems.push(...wrong.map((problem) => `${place}: ${problem}`));
      if (problems.length >= MOST_PROBLEMS) throw unusable([...problems, '… and perhaps more']);
      if (example !== undefined && wrong.length === 0) examples.push({ example, place });
    }
  }
  if (problems.length > 0) throw unusable(problems);
  if (examples.length === 0) throw empty(files);
  return examples;
}

async function* valuesOf(
  { path, format }: CorpusFile, { columns, optional }: Omit<RecordReader<unknown>, 'read'>,
): AsyncGenerator<PlacedValue> {
  switch (format) {
    case 'jsonl':
      yield* readJsonLines(path);
      return;
    case 'parquet':
      for await (const { value, row } of readParquetRows(path, columns, optional)) {
        yield { value, place: `${path}, row ${row}` };
      }
      return;
    case 'text':
      throw new RicciError({
        code: 'data/labelled',
        message: `${path} is plain text, in which nothing says what is a label.`,
        hint: 'Give JSON Lines (.jsonl) or Parquet (.parquet), or say which it is (data.format).',
      });
  }
}

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
  const label = labelOf(valueAt(record, key));
  if (label === undefined) problems.push(`${showJson(key)} is ${described(valueAt(record, key))}, where a label should be`);
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

const unusable = (problems: readonly string[]): RicciError => problemsError({
  code: 'data/labelled',
  subject: 'The labelled data cannot be used',
  problems,
  hint: 'Correct these lines, or leave them out.',
});

const empty = (files: readonly CorpusFile[]): RicciError => new RicciError({
  code: 'data/empty',
  message: `There is no example in ${files.map(({ path }) => path).join(', ')}.`,
  hint: 'Give files with one JSON object on each line, or Parquet files with rows.',
});
