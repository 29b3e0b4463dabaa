import { RicciError } from '../../../../dsl/errors.ts';
import { writeAtomically } from '../../../../runtime/safetensors/atomic-file.ts';
import type { Append } from '../../../../runtime/safetensors/atomic-file.ts';
import { encodeTokenHeader, idBytesFor, TOKEN_HEADER_BYTES } from './token-header.ts';
import type { TokenHeader } from './token-header.ts';

/** What a token file says of itself besides its documents. */
export type TokenOrigin = Pick<TokenHeader, 'vocabSize' | 'endId' | 'tokenizerHash' | 'sourceHash'>;

/** Ids gathered before they are written. */
const BUFFERED_IDS = 1 << 18;

/**
 * Writes a token file, whole or not at all. Memory does not grow with the tokens, but by 8 bytes for each document.
 * @param documents ids of each document, its end included
 * @throws RicciError `data/id-range` for an id beyond the vocabulary; `weights/write-failed` when the disk refuses
 */
export async function writeTokenFile(
  path: string,
  origin: TokenOrigin,
  documents: AsyncIterable<readonly number[]> | Iterable<readonly number[]>,
): Promise<TokenHeader> {
  const idBytes = idBytesFor(origin.vocabSize);
  const starts: number[] = [0];
  let header: TokenHeader | undefined;
  await writeAtomically(path, async (append, patch) => {
    await append(new Uint8Array(TOKEN_HEADER_BYTES));
    const ids = idSink(append, idBytes);
    for await (const document of documents) {
      checkIds(document, origin.vocabSize, starts.length - 1);
      await ids.add(document);
      starts.push(starts.at(-1)! + document.length);
    }
    await ids.flush();
    const tokens = starts.at(-1)!;
    await append(new Uint8Array((8 - ((tokens * idBytes) % 8)) % 8));
    await append(new Uint8Array(BigUint64Array.from(starts, BigInt).buffer));
    header = { ...origin, idBytes, documents: starts.length - 1, tokens };
    await patch(encodeTokenHeader(header), 0);
  });
  return header!;
}

interface IdSink {
  add(ids: readonly number[]): Promise<void>;
  flush(): Promise<void>;
}

function idSink(append: Append, idBytes: 2 | 4): IdSink {
  const buffer = idBytes === 2 ? new Uint16Array(BUFFERED_IDS) : new Uint32Array(BUFFERED_IDS);
  let held = 0;
  const flush = async (): Promise<void> => {
    await append(new Uint8Array(buffer.buffer, 0, held * idBytes));
    held = 0;
  };
  const add = async (ids: readonly number[]): Promise<void> => {
    for (let from = 0; from < ids.length; ) {
      const part = ids.slice(from, from + buffer.length - held);
      buffer.set(part, held);
      held += part.length;
      from += part.length;
      if (held === buffer.length) await flush();
    }
  };
  return { add, flush };
}

function checkIds(ids: readonly number[], vocabSize: number, document: number): void {
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (wrong === undefined) return;
  throw new RicciError({
    code: 'data/id-range',
    message: `Document ${document} holds the id ${wrong}, and the vocabulary has ${vocabSize}.`,
    hint: 'Check that the tokenizer and the vocabulary size belong together.',
  });
}
