import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { stateInput, type Staged } from '../../compiler/passes/stage.ts';
import { renamed, sliced, withRoom } from './dense.ts';
import { FIRST_NEW_ROW, ROWS_SO_FAR, type CachedModel, type StagedModel } from './staged.ts';

type Tensors = Readonly<Record<string, Dense>>;

/** What the model returned last, and what it keeps by label: rows of caches, and what is frozen. */
export interface ReadSoFar {
  readonly output: Dense;
  readonly kept: Tensors;
}

/** Reads the first `length` positions as a prompt. */
export function readPrompt(
  model: CachedModel, { first, caches }: StagedModel, env: Environment, length: number,
): ReadSoFar {
  const inputs = upTo(model, caches, env, length);
  const { output, kept } = run(first, { ...env, inputs, sizes: sizesFor(model, env, length) });
  const asKeys = (label: string, x: Dense): Dense => {
    const cache = caches.find((c) => c.label === label);
    return cache === undefined ? x : renamed(x, cache.from.name, cache.to.name);
  };
  return { output, kept: Object.fromEntries(Object.entries(kept).map(([label, x]) => [label, asKeys(label, x)])) };
}

/** Reads the positions from `at`, the next one, to before `end`. */
export function readNext(
  model: CachedModel, staged: StagedModel, env: Environment, before: ReadSoFar, at: number, end: number,
): ReadSoFar {
  const { caches, frozen } = staged;
  const states = Object.entries(before.kept).map(([label, x]): [string, Dense] => {
    const cache = caches.find((c) => c.label === label);
    return [stateInput(label), cache === undefined ? x : withRoom(x, cache.to.name, end - at)];
  });
  const own = Object.entries(upTo(model, caches, env, end))
    .map(([name, x]): [string, Dense] => [name, sliced(x, model.pos.name, at, end)]);
  const row: Dense = { names: [], sizes: [], data: Float64Array.of(at) };
  const { output, kept } = run(staged.step(end - at), {
    ...env,
    inputs: { ...Object.fromEntries([...own, ...states]), [FIRST_NEW_ROW]: row },
    sizes: { ...env.sizes, [ROWS_SO_FAR]: end },
  });
  const stillFrozen = Object.entries(before.kept).filter(([label]) => frozen.has(label));
  return { output, kept: { ...kept, ...Object.fromEntries(stillFrozen) } };
}

/** Reads the first `length` positions at once, with what an earlier prompt has frozen. */
export function readAtOnce(
  model: CachedModel, { full, frozen, caches }: StagedModel, env: Environment, from: ReadSoFar, length: number,
): Dense {
  const given = Object.entries(from.kept).filter(([label]) => frozen.has(label))
    .map(([label, x]): [string, Dense] => [stateInput(label), x]);
  const inputs = { ...upTo(model, caches, env, length), ...Object.fromEntries(given) };
  return run(full, { ...env, inputs, sizes: sizesFor(model, env, length) }).output;
}

/** Everything given for positions, and for positions that can be looked at, up to a length. */
function upTo(
  { pos }: CachedModel, caches: StagedModel['caches'], { inputs = {} }: Environment, length: number,
): Tensors {
  const axes = [pos.name, ...new Set(caches.map((c) => c.to.name))];
  return Object.fromEntries(Object.entries(inputs).map(([name, x]) =>
    [name, axes.reduce((y, axis) => sliced(y, axis, 0, length), x)]));
}

const sizesFor = ({ pos }: CachedModel, { sizes = {} }: Environment, length: number): Readonly<Record<string, number>> =>
  (typeof pos.size === 'number' ? sizes : { ...sizes, [pos.size.symbol]: length });

function run({ outputs, states }: Staged, env: Environment): ReadSoFar {
  const values = interpret([...outputs, ...states.values()], env);
  return { output: values[0], kept: Object.fromEntries([...states.keys()].map((label, i) => [label, values[i + 1]])) };
}
