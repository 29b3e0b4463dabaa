import { readFile } from 'node:fs/promises';
import { RicciError } from '../../dsl/errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON of a value for an error message, cut where it would fill the screen. */
export function showJson(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  } catch {
    // JSON.parse accepts nesting of any depth, JSON.stringify runs out of stack.
    return 'a deeply nested value';
  }
}

/**
 * Reads and parses a JSON file.
 * @param area first part of the error codes, for example `config`
 * @throws RicciError `<area>/missing-file` when it cannot be read, `<area>/not-json` when it does not parse
 */
export async function readJsonFile(path: string, area: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fileError(path, area, cause);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RicciError({
      code: `${area}/not-json`,
      message: `${path} is not JSON: ${reason}.`,
      hint: OF_CHECKPOINTS.includes(area) ? 'Download the file again, or repair it by hand.' : 'Correct it by hand.',
      cause,
    });
  }
}

/** Areas whose files are downloaded together. */
const OF_CHECKPOINTS = ['config', 'weights', 'checkpoint'];

/** The error for a file that cannot be opened or read; says whether it is absent or merely unreadable. */
export function fileError(path: string, area: string, cause: unknown): RicciError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? new RicciError({
        code: `${area}/missing-file`,
        message: `${path} does not exist.`,
        hint: OF_CHECKPOINTS.includes(area)
          ? 'Check the path; a checkpoint folder holds config.json and model.safetensors.'
          : 'Check the path.',
        cause,
      })
    : new RicciError({
        code: `${area}/unreadable`,
        message: `${path} cannot be read (${code}).`,
        hint: 'Check that it is a regular file and that you may read it.',
        cause,
      });
}
