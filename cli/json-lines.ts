import { RicciError } from '../dsl/errors.ts';
import { isJsonObject, showJson, type JsonObject } from '../runtime/safetensors/json.ts';
import type { Io } from './io.ts';
import { write } from './output.ts';
import { readLines } from './read-input.ts';

/** What becomes of one object, or a promise of it. */
type Convert = (object: JsonObject) => unknown;

/**
 * Reads JSON objects from stdin, one a line, and writes what `convert` makes of each, in order and as they come.
 * @param convert throws a RicciError for an object that it cannot use
 * @throws `input/line` with the number of the line; what came before is written
 */
export async function convertLines(io: Io, convert: Convert): Promise<void> {
  let number = 0;
  for await (const line of readLines(io.stdin)) {
    number += 1;
    await write(io.stdout, `${JSON.stringify(await convertLine(line, number, convert))}\n`);
  }
}

async function convertLine(line: string, number: number, convert: Convert): Promise<unknown> {
  try {
    return await convert(parseObject(line));
  } catch (cause) {
    if (!(cause instanceof RicciError)) throw cause;
    throw new RicciError({ code: 'input/line', message: `Line ${number} of the input: ${cause.message}`, cause });
  }
}

function parseObject(line: string): JsonObject {
  const hint = 'Give one JSON object on each line.';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new RicciError({
      code: 'input/line',
      message: line.trim() === '' ? 'it is empty.' : 'it is not JSON.',
      hint,
      cause,
    });
  }
  if (isJsonObject(value)) return value;
  throw new RicciError({ code: 'input/line', message: `it is ${showJson(value)}, not an object.`, hint });
}
