import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

/** Whoever read our output is gone (`ricci … | head`): there is nothing left to do, and nothing to complain about. */
export class OutputClosed extends Error {
  constructor() {
    super('The output was closed.');
    this.name = 'OutputClosed';
  }
}

const CLOSED = new Set(['EPIPE', 'EOF', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/**
 * Writes text and waits until the stream took it, so that a slow reader slows the writer down.
 * @throws OutputClosed when the reader is gone
 */
export function write(stream: Writable, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(failureOf(error)) : resolve()));
  });
}

/**
 * Writes text and waits only where the stream has no room, which takes half the time: what becomes of the text is told
 * by a later call, so that `write` must have the last word.
 * @throws OutputClosed when the reader is gone
 */
export function send(stream: Writable, text: string): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const hasRoom = stream.write(text, (error) => (error ? reject(failureOf(error)) : resolve()));
    if (hasRoom) resolve();
  });
}

const failureOf = (error: Error): Error => (isClosed(error) ? new OutputClosed() : error);

const isClosed = (error: Error): boolean => 'code' in error && CLOSED.has(String(error.code));

/**
 * Runs `job` while errors of the streams do not end the process: `write` reports them where they matter. What was written
 * without waiting (help) has come or failed when it is done.
 */
export async function guarded<Result>(streams: readonly Writable[], job: () => Promise<Result>): Promise<Result> {
  const ignore = (): void => undefined;
  for (const stream of streams) stream.on('error', ignore);
  try {
    return await job();
  } finally {
    await Promise.all(streams.map(settled));
    for (const stream of streams) stream.off('error', ignore);
  }
}

/** When all that was written is out or has failed; a stream tells of its error a turn after the write that failed. */
async function settled(stream: Writable): Promise<void> {
  do await setTimeout(1);
  while (stream.writableLength > 0 && stream.errored === null);
}
