import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { RicciError } from '../dsl/errors.ts';

/** Everything a stream has, as text. @throws `input/not-utf8` */
export async function readText(stream: Readable): Promise<string> {
  const decoder = utf8Decoder();
  let text = '';
  for await (const chunk of stream) text += decode(decoder, chunk, true);
  return text + decode(decoder, undefined, false);
}

/**
 * The lines of a stream as they come, without their ends. Only \n ends a line: JSON text may hold U+2028, at which
 * other readers of lines would cut it.
 * @throws `input/not-utf8`
 */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  const decoder = utf8Decoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decode(decoder, chunk, true)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decode(decoder, undefined, false);
  if (rest !== '') yield rest;
}

const utf8Decoder = (): TextDecoder => new TextDecoder('utf-8', { fatal: true });

function decode(decoder: TextDecoder, chunk: unknown, more: boolean): string {
  try {
    if (typeof chunk === 'string') return chunk;
    return decoder.decode(chunk instanceof Uint8Array ? chunk : undefined, { stream: more });
  } catch (cause) {
    throw new RicciError({
      code: 'input/not-utf8',
      message: 'The input is not UTF-8 text.',
      hint: 'Convert it to UTF-8 first.',
      cause,
    });
  }
}
