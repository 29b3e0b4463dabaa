import { RicciError } from '../../../../dsl/errors.ts';
import { isJsonObject, showJson } from '../../../../runtime/safetensors/json.ts';
import { decodeUtf8 } from './decode-utf8.ts';
import { readBytes } from './read-bytes.ts';
import { splitDocuments } from './split-documents.ts';

/** What one line, or one row, holds, and where that is. */
export interface PlacedValue {
  readonly value: unknown;
  /** `texts.jsonl:3` */
  readonly place: string;
}

/**
 * The texts of a JSON Lines file: the value of one key of each line's object. Empty lines are none.
 * @throws RicciError `data/not-jsonl`, `data/key` with the line's number; `data/not-utf8`, `data/unreadable`
 */
export async function* readJsonl(path: string, key: string): AsyncGenerator<string> {
  for await (const { value, place } of readJsonLines(path)) yield textOf(value, key, place);
}

/** What the lines of a JSON Lines file hold. Empty lines are none. Throws as `readJsonl`. */
export async function* readJsonLines(path: string): AsyncGenerator<PlacedValue> {
  let line = 0;
  for await (const { start, bytes } of splitDocuments(readBytes(path), '\n', path)) {
    line++;
    const text = decodeUtf8(bytes, path, start);
    if (text.trim() !== '') yield { value: parseLine(text, path, line), place: `${path}:${line}` };
  }
}

function parseLine(text: string, path: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RicciError({
      code: 'data/not-jsonl',
      message: `${path}:${line} is not JSON: ${reason}.`,
      hint: 'JSON Lines has one whole JSON object on each line.',
      cause,
    });
  }
}

function textOf(value: unknown, key: string, place: string): string {
  const held = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  if (typeof held === 'string') return held;
  const keys = isJsonObject(value) ? Object.keys(value) : [];
  throw new RicciError({
    code: 'data/key',
    message: isJsonObject(value)
      ? `${place} holds ${held === undefined ? 'nothing' : showJson(held)} as ${showJson(key)}, where a text should be.`
      : `${place} is ${showJson(value)}, not a JSON object.`,
    hint: keys.length === 0 ? 'Each line is an object with a text.' : `Its keys are ${keys.map(showJson).join(', ')}.`,
  });
}
