import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors, readFloats } from '../../runtime/safetensors/index.ts';
import type { About, Text, TimedText } from './protocol.ts';
import { ricci, type Peer } from './systems.ts';

/**
 * How far a peer's logits may be from Ricci's, in standard deviations of Ricci's logits. Roundings of f32 alone made
 * them differ by 1e-5 (random weights) to 1e-4 (the bundled checkpoint, whose powers magnify them) of one.
 */
const BOUND = 5e-4;

/** What Ricci makes of a text, and how far from it others may be. */
export interface Truth extends About {
  /** Greedy tokens. */
  readonly ids: readonly number[];
  /** Logits that chose each of them [tokens, vocab]. */
  readonly logits: Float32Array;
  readonly vocab: number;
  /** Largest difference of a logit. */
  readonly bound: number;
}

/** Asks Ricci; files go to `folder`. */
export async function truthOf(text: Text, folder: string): Promise<Truth> {
  const out = join(folder, 'ricci.f32');
  const { ids, ...about } = await ricci.reference({ task: 'reference', ...text, out });
  const bytes = await readFile(out);
  const logits = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const bound = BOUND * standardDeviation(logits);
  return { ...about, ids, logits, vocab: logits.length / ids.length, bound };
}

function standardDeviation(values: Float32Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

/**
 * Compares a peer's logits at every new token with Ricci's, both fed Ricci's tokens.
 * @returns a line that says how far they are apart @throws Error when that is more than the bound
 */
export async function checkLogits(peer: Peer, text: Text, truth: Truth, folder: string): Promise<string> {
  const out = join(folder, 'peer.safetensors');
  const capacity = text.prompt.length + text.tokens;
  await peer.writeLogits({ task: 'logits', ...text, fed: truth.ids.slice(0, -1), capacity, out });
  const entry = (await openSafetensors(out)).tensors.get('logits');
  const expected = `${truth.ids.length},${truth.vocab}`;
  if (entry?.shape.join() !== expected) {
    throw new Error(`${peer.name} wrote logits [${entry?.shape.join()}] instead of [${expected}].`);
  }
  const logits = new Float32Array(truth.logits.length);
  await readFloats(entry, 0, logits);
  const apart = logits.reduce((worst, x, i) => largest(worst, Math.abs(x - truth.logits[i])), 0);
  const found = `${peer.name}: logits within ${apart.toExponential(1)} of Ricci's at ${truth.ids.length} positions`;
  if (apart <= truth.bound) return `${found} (bound ${truth.bound.toExponential(1)})`;
  throw new Error(`${found}, and the bound is ${truth.bound.toExponential(1)}; nothing is timed.`);
}

/** As Math.max: NaN where either is. */
const largest = (a: number, b: number): number => (a >= b ? a : b > a ? b : NaN);

/**
 * Refuses a timed text with another token than Ricci's, unless two logits were so near that roundings may choose
 * between them; what follows such a token is another text, and is not compared.
 */
export function checkTokens(name: string, { ids }: TimedText, truth: Truth): void {
  const at = truth.ids.findIndex((id, i) => id !== ids[i]);
  if (at < 0) return;
  const logit = (id: number): number => truth.logits[at * truth.vocab + id];
  if (logit(truth.ids[at]) - logit(ids[at]) <= 2 * truth.bound) return;
  throw new Error(`${name}: token ${at} is ${ids[at]} and should be ${truth.ids[at]}; its time is worth nothing.`);
}
