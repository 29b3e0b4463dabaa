import type { CacheMode } from '../../../models/pldr/index.ts';
import type { CacheSchedule } from '../../../verify/arbitraries/schedules.ts';
import {
  extend, extendBlock, read, type InterpretedModel, type Reading, type ReadOptions,
} from '../../../verify/interpreted/reading.ts';

/** A text so far. */
export interface Stop {
  /** Tokens that were read. */
  readonly end: number;
  readonly reading: Reading;
}

/** Reads a text as a schedule says: what is there after the prompt, and after each chunk. */
export function readBy(
  model: InterpretedModel, ids: readonly number[], { mode, prompt, chunks }: CacheSchedule,
  options: Omit<ReadOptions, 'mode'> = {},
): readonly Stop[] {
  const stops = [{ end: prompt, reading: read(model, { rows: [ids.slice(0, prompt)] }, { ...options, mode }) }];
  for (const count of chunks) {
    const { end, reading } = stops[stops.length - 1];
    stops.push({ end: end + count, reading: withChunk(reading, ids.slice(end, end + count), mode) });
  }
  return stops;
}

/** A single token is a step, several are a block; modes that keep no keys read the text again, the chunk at its end. */
function withChunk(before: Reading, chunk: readonly number[], mode: CacheMode): Reading {
  if (chunk.length === 1) return extend(before, chunk);
  if (mode === 'kv' || mode === 'kv+g') return extendBlock(before, [chunk]).reading;
  const [row] = before.prompt.rows;
  return extend({ ...before, prompt: { rows: [[...row, ...chunk.slice(0, -1)]] } }, chunk.slice(-1));
}
