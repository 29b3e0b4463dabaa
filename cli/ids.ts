import { readFile } from 'node:fs/promises';
import { RicciError } from '../dsl/errors.ts';
import { showJson } from '../runtime/safetensors/json.ts';
import { usageError } from './errors.ts';

/** Reads `5,7,9`; spaces may stand instead of commas or beside them. @throws `cli/usage` */
export function parseIds(text: string): readonly number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  const wrong = words.filter((word) => !/^\d+$/.test(word));
  if (wrong.length === 0) return words.map(Number);
  throw usageError(
    `${wrong
      .slice(0, 5)
      .map((w) => JSON.stringify(w))
      .join(', ')} ${wrong.length === 1 ? 'is no token id' : 'are no token ids'}.`,
    'Give whole numbers from 0 up with commas between them, such as 5,7,9.',
  );
}

export const isIds = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((id) => Number.isSafeInteger(id) && Number(id) >= 0);

/**
 * Reads rows of whole numbers from a JSON file: [[5, 7, 9], [4]], whose rows may differ in length, or one flat list.
 * @param what named in the error, for example `ids`
 * @throws `input/unreadable`, `input/not-json`, `input/rows`
 */
export async function readRows(file: string, what: string): Promise<readonly (readonly number[])[]> {
  const json = await readJson(file);
  if (isIds(json) && json.length > 0) return [json];
  const rows: readonly unknown[] = Array.isArray(json) ? json : [];
  const bad = rows.findIndex((row) => !isIds(row));
  if (rows.length > 0 && bad < 0) return rows.filter(isIds);
  const found = bad < 0 ? `it holds ${showJson(json)}` : `row ${bad} is ${showJson(rows[bad])}`;
  throw new RicciError({
    code: 'input/rows',
    message: `${file} does not hold ${what}: ${found}.`,
    hint: 'Write a list of whole numbers from 0 up, [5, 7, 9], or a list of such lists, one for each row.',
  });
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const message = missing ? `${file} does not exist.` : `${file} cannot be read: ${String(cause)}.`;
    throw new RicciError({ code: 'input/unreadable', message, hint: 'Check the path.', cause });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RicciError({
      code: 'input/not-json',
      message: `${file} is not JSON: ${reason}.`,
      hint: 'Write [[5, 7, 9], [4]].',
      cause,
    });
  }
}
