import fc from 'fast-check';
import { RicciError } from '../../dsl/errors.ts';
import { maxOf, showAxes } from '../../dsl/axis.ts';
import { tensorOf } from '../../dsl/tensor.ts';
import { counterExample } from './counter-example.ts';
import { shrinkGraph } from './shrink-graph.ts';
import { stagedModel, type CachedModel } from './staged.ts';
import { firstDifference, showsDifference, trials, type Trial } from './trial.ts';

export interface VerifyCachesOptions {
  /** How many texts and weights are tried; 50 where nothing is said. */
  readonly runs?: number;
  /** Of all that is drawn; another one for every call where nothing is said. */
  readonly seed?: number;
  /** Most positions of a text; 8 where nothing is said, or as many as the axis has. */
  readonly positions?: number;
  /** Tries this text alone, as the program of a counter-example does. */
  readonly text?: Trial;
}

/**
 * Checks by random texts and weights, in double precision, that the caches of a declared model change nothing: a prompt
 * that is read at once, and what follows it position by position or in blocks, gives at each position what the longer
 * text gives when it is read at once, with what the prompt has frozen.
 *
 *     verifyCaches({ output, pos: Pos });
 *
 * What differs is shrunk: to the shortest text that shows a difference, and to a small model that shows it on this
 * text, which the error prints as a program.
 *
 * @throws RicciError `verify/caches` with the counter-example, where one is found; `verify/no-caches` for a model that
 * has nothing to keep; `verify/positions` where the output has no such axis; and what staging throws
 */
export function verifyCaches(model: CachedModel, options: VerifyCachesOptions = {}): void {
  checkModel(model);
  const most = Math.min(options.positions ?? 8, maxOf(model.pos.size));
  const staged = stagedModel(model);
  const law = fc.property(options.text === undefined ? trials(model, most) : fc.constant(options.text), (trial) => {
    const found = firstDifference(model, trial, staged);
    if (found !== undefined) throw new Error(found);
  });
  const { runs = 50, seed } = options;
  const found = fc.check(law, { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  if (found.counterexample === null) return;
  if (found.errorInstance instanceof RicciError) throw found.errorInstance;
  const again = options.text === undefined ? ` (again with { seed: ${found.seed} })` : '';
  throw changed(model, found.counterexample[0], again);
}

/** `again` says in brackets how the text was found. */
function changed(model: CachedModel, trial: Trial, again: string): RicciError {
  const { output, pos } = model;
  const fails = (root: typeof output.node): boolean => showsDifference({ output: tensorOf(root), pos }, trial);
  const small = { output: tensorOf(shrinkGraph(output.node, fails, { pos: pos.name })), pos };
  const others = Object.entries(trial.sizes ?? {}).map(([name, size]) => `, ${name} ${size}`).join('');
  return new RicciError({
    code: 'verify/caches',
    message:
      `The caches change what the model computes: after a prompt of ${trial.prompt} and ${trial.more} more (numbers ` +
      `of seed ${trial.seed}${others}), ${firstDifference(model, trial)}${again}.\n` +
      `This smaller model shows it too:\n\n${counterExample(small, trial)}\n`,
    hint: 'What later positions look at goes through `cache`, what is made of the whole prompt through `freeze`, and ' +
      'no position may look at a later one.',
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
