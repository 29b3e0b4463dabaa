import fc from 'fast-check';
import type { Dense } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { RicciError } from '../../dsl/errors.ts';
import { maxOf, showAxes } from '../../dsl/axis.ts';
import { showGraph } from '../../dsl/print.ts';
import { largestDifference } from '../numbers.ts';
import { sliced } from './dense.ts';
import { readAtOnce, readNext, readPrompt } from './read.ts';
import { stagedModel, type CachedModel, type StagedModel } from './staged.ts';
import { symbolsOf, valuesFor } from './values.ts';

export interface VerifyCachesOptions {
  /** How many texts and weights are tried; 50 where nothing is said. */
  readonly runs?: number;
  /** Of all that is drawn; another one for every call where nothing is said. */
  readonly seed?: number;
  /** Most positions of a text; 8 where nothing is said, or as many as the axis has. */
  readonly positions?: number;
}

/** Sums over other numbers of masked terms may be added up in another order; in double precision that is all. */
const TOLERANCE = 1e-9;

/** One text and its weights: positions of the prompt, positions after it, what numbers are drawn from, other sizes. */
interface Trial {
  readonly prompt: number;
  readonly more: number;
  readonly seed: number;
  readonly sizes: Readonly<Record<string, number>>;
}

/**
 * Checks by random texts and weights, in double precision, that the caches of a declared model change nothing: a prompt
 * that is read at once and then position by position gives at each position what the longer text gives when it is read
 * at once, with what the prompt has frozen.
 *
 *     verifyCaches({ output, pos: Pos });
 *
 * @throws RicciError `verify/caches` with the shortest text that shows a difference, where it is found; `verify/no-caches`
 * for a model that has nothing to keep; `verify/positions` where the output has no such axis; and what staging throws
 */
export function verifyCaches(model: CachedModel, options: VerifyCachesOptions = {}): void {
  checkModel(model);
  const staged = stagedModel(model);
  const most = Math.min(options.positions ?? 8, maxOf(model.pos.size));
  const law = fc.property(trials(model, most), (trial) => {
    const length = Math.min(most, trial.prompt + trial.more);
    const env = valuesFor(model, trial.seed, trial.sizes, length);
    const found = firstDifference(model, staged, env, trial.prompt, length);
    if (found !== undefined) throw new Error(found);
  });
  const { runs = 50, seed } = options;
  const { counterexample, errorInstance } = fc.check(law, { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  if (counterexample !== null) throw changed(model, counterexample[0], errorInstance);
}

function trials(model: CachedModel, most: number): fc.Arbitrary<Trial> {
  const length = fc.integer({ min: 1, max: most - 1 });
  const others = [...symbolsOf(model)].map(([name, max]) =>
    [name, fc.integer({ min: 1, max: Math.min(max, 3) })] as const);
  return fc.record({ prompt: length, more: length, seed: fc.nat(), sizes: fc.record(Object.fromEntries(others)) });
}

/** Where a text that is read in steps first differs from the same text at once, in words. */
function firstDifference(
  model: CachedModel, staged: StagedModel, env: Environment, prompt: number, length: number,
): string | undefined {
  let read = readPrompt(model, staged, env, prompt);
  const whole = readAtOnce(model, staged, env, read, length);
  const inPrompt = apart(read.output, sliced(whole, model.pos.name, 0, prompt));
  if (inPrompt !== undefined) return `positions of the prompt differ by ${inPrompt} from those of the longer text`;
  for (let at = prompt; at < length; at++) {
    read = readNext(model, staged, env, read, at);
    const here = apart(read.output, sliced(whole, model.pos.name, at, at + 1));
    if (here !== undefined) return `position ${at} differs by ${here} from that of a text that is read at once`;
  }
  return undefined;
}

function apart(got: Dense, expected: Dense): string | undefined {
  const scale = expected.data.reduce((top, v) => Math.max(top, Math.abs(v)), 1);
  const difference = largestDifference(got.data, expected.data);
  return difference <= TOLERANCE * scale ? undefined : difference.toExponential(1);
}

function changed({ output }: CachedModel, { prompt, more, seed, sizes }: Trial, thrown: unknown): unknown {
  if (thrown instanceof RicciError) return thrown;
  const others = Object.entries(sizes).map(([name, size]) => `, ${name} ${size}`).join('');
  return new RicciError({
    code: 'verify/caches',
    message:
      `The caches change what the model computes: after a prompt of ${prompt} and ${more} more (numbers of seed ${
        seed}${others}), ${thrown instanceof Error ? thrown.message : String(thrown)}.\n${showGraph([output.node])}`,
    hint: 'What later positions look at goes through `cache`, what is made of the whole prompt through `freeze`, and no ' +
      'position may look at a later one.',
    place: output.node.origin.place,
  });
}

function checkModel({ output, pos }: CachedModel): void {
  const { axes } = output.node;
  if (!axes.some((a) => a.name === pos.name) || typeof pos.size === 'number') {
    throw new RicciError({
      code: 'verify/positions',
      message: `The output is over ${showAxes(axes)}, and positions are to be counted by "${pos.name}".`,
      hint: 'Give an output with a row for each position, and an axis whose size is a symbol.',
      place: output.node.origin.place,
    });
  }
  const { caches, frozen } = stagedModel({ output, pos });
  if (caches.length > 0 || frozen.size > 0) return;
  throw new RicciError({
    code: 'verify/no-caches',
    message: 'The model has no `cache` and no `freeze`: there is nothing that a step could keep.',
    hint: 'Put `cache(k, Pos, Key, "k")` where later positions look back, and `freeze` where a value is made once.',
    place: output.node.origin.place,
  });
}
