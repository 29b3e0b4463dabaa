import fc from 'fast-check';
import { RicciError } from '../../dsl/errors.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { largestDifference } from '../numbers.ts';
import { sliced } from './dense.ts';
import { readAtOnce, readNext, readPrompt } from './read.ts';
import { stagedModel, type CachedModel, type StagedModel } from './staged.ts';
import { symbolsOf, valuesFor } from './values.ts';

/** One text and its weights. */
export interface Trial {
  /** Positions that are read at once. */
  readonly prompt: number;
  /** Positions after them, which are read block by block. */
  readonly more: number;
  /** Positions of a block; 1 where nothing is said. The last one may have fewer. */
  readonly block?: number;
  /** Of the numbers that inputs and weights hold. */
  readonly seed: number;
  /** Sizes by symbol, of other axes than that of positions. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/** Sums over other numbers of masked terms may be added up in another order; in double precision that is all. */
const TOLERANCE = 1e-9;

/** Texts of at most so many positions. */
export function trials(model: CachedModel, most: number): fc.Arbitrary<Trial> {
  const length = fc.integer({ min: 1, max: most - 1 });
  const others = [...symbolsOf(model)].map(([name, max]) =>
    [name, fc.integer({ min: 1, max: Math.min(max, 3) })] as const);
  const sizes = fc.record(Object.fromEntries(others));
  return fc.record({ prompt: length, more: length, block: fc.integer({ min: 1, max: 3 }), seed: fc.nat(), sizes })
    .map((t) => ({ ...t, more: Math.min(t.more, most - t.prompt) }));
}

/** Where a text that is read in steps first differs from the same text at once, in words. @throws as staging does */
export function firstDifference(
  model: CachedModel, { prompt, more, block = 1, seed, sizes = {} }: Trial, staged: StagedModel = stagedModel(model),
): string | undefined {
  const length = prompt + more;
  const env = valuesFor(model, seed, sizes, length);
  let read = readPrompt(model, staged, env, prompt);
  const whole = readAtOnce(model, staged, env, read, length);
  const inPrompt = apart(read.output, sliced(whole, model.pos.name, 0, prompt));
  if (inPrompt !== undefined) return `positions of the prompt differ by ${inPrompt} from those of the longer text`;
  for (let at = prompt; at < length; at += block) {
    const end = Math.min(at + block, length);
    read = readNext(model, staged, env, read, at, end);
    const here = apart(read.output, sliced(whole, model.pos.name, at, end));
    const which = end === at + 1 ? `position ${at} differs` : `positions ${at} to ${end - 1} differ`;
    if (here !== undefined) return `${which} by ${here} from those of a text that is read at once`;
  }
  return undefined;
}

/** As `firstDifference`, for models that may be none: what cannot be declared or staged shows nothing. */
export function showsDifference(model: CachedModel, trial: Trial): boolean {
  try {
    const staged = stagedModel(model);
    if (staged.caches.length === 0 && staged.frozen.size === 0) return false;
    return firstDifference(model, trial, staged) !== undefined;
  } catch (thrown) {
    if (thrown instanceof RicciError) return false;
    throw thrown;
  }
}

function apart(got: Dense, expected: Dense): string | undefined {
  const scale = expected.data.reduce((top, v) => Math.max(top, Math.abs(v)), 1);
  const difference = largestDifference(got.data, expected.data);
  return difference <= TOLERANCE * scale ? undefined : difference.toExponential(1);
}
