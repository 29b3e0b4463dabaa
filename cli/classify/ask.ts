import { RicciError } from '../../dsl/errors.ts';
import type { HeadKind } from '../../models/pldr/heads/head-kind.ts';
import { showJson, type JsonObject } from '../../runtime/safetensors/json.ts';

/** What a head is asked. */
export type Ask =
  | { readonly kind: 'sequence-classification'; readonly text: string }
  | { readonly kind: 'token-classification'; readonly words: readonly string[] }
  | { readonly kind: 'question-answering'; readonly question: string; readonly context: string };

/** What a line of JSON asks. @throws RicciError `input/line` where it lacks what the head reads */
export function askOf(kind: HeadKind, object: JsonObject): Ask {
  switch (kind) {
    case 'sequence-classification': return { kind, text: textAt(object, 'text') };
    case 'token-classification': return { kind, words: wordsIn(object) };
    case 'question-answering':
      return { kind, question: textAt(object, 'question'), context: textAt(object, 'context') };
  }
}

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value === 'string') return value;
  throw unusable(key, value, 'a string', `{"${key}": "…"}`);
}

function wordsIn(object: JsonObject): readonly string[] {
  const words = object['tokens'];
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw unusable('tokens', words, 'a list of strings', '{"tokens": ["…", "…"]}');
}

const unusable = (key: string, value: unknown, wanted: string, shape: string): RicciError => new RicciError({
  code: 'input/line',
  message: value === undefined ? `it has no "${key}".` : `"${key}" is ${showJson(value)}, not ${wanted}.`,
  hint: `Write ${shape} on each line.`,
});
