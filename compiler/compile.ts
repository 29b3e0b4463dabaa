import { RicciError } from '../dsl/errors.ts';
import { parametersOf } from './assemble.ts';
import { draft, type ProgramSource, type Watch } from './draft.ts';
import { finish } from './finish.ts';
import type { StorageOf } from './passes/narrow.ts';
import { layoutWeights } from './plan/weights.ts';
import type { Program, WeightLayout } from './program.ts';
import { BASE_TARGET, type Target } from './target.ts';

/** @throws `compiler/update-derived` where weights were loaded that are made of those that programs update */
function checkDerived(changing: ReadonlySet<string>, { weights }: WeightLayout): void {
  const stale = [...changing].filter((name) => Object.values(weights).some((w) => w.madeOf?.includes(name)));
  if (stale.length === 0) return;
  throw new RicciError({
    code: 'compiler/update-derived',
    message: `A program updates ${stale.map((n) => `"${n}"`).join(', ')}, `
      + 'of which other weights were made when they were loaded.',
    hint: 'Compile this program together with those that share its weights.',
  });
}

export interface Compiled {
  readonly programs: readonly Program[];
  /** Makes the derived weights of the layout from the given ones; to be run once, when those are loaded. */
  readonly load?: Program;
  readonly layout: WeightLayout;
}

/**
 * Compiles programs that share weights. The first programs decide where weights lie and how they are kept; programs
 * compiled later are given that layout.
 * @param storage how weights are kept; as their parameters say, where it says nothing
 * @throws `compiler/…` with the place in the user's file
 */
export function compile(
  sources: readonly ProgramSource[],
  target: Target = BASE_TARGET,
  given?: WeightLayout,
  storage: StorageOf = (name) => given?.weights[name]?.storage,
  watch: Watch = () => undefined,
): Compiled {
  const changing = new Set(sources.flatMap((s) => [...(s.updates?.keys() ?? [])]));
  if (given !== undefined) checkDerived(changing, given);
  const drafted = sources.map((s) =>
    draft(s, target, (name) => given === undefined || given.weights[name] !== undefined, storage, watch, changing));
  if (given !== undefined) return { programs: drafted.map((d) => finish(d, given, target, watch)), layout: given };
  const derived = new Map(drafted.flatMap((d) => [...d.derived]));
  const load = derived.size === 0
    ? undefined
    : draft({ name: 'load', outputs: Object.fromEntries(derived) }, target, () => false, storage, watch);
  const all = load === undefined ? drafted : [...drafted, load];
  const groups = all.flatMap((d) => d.kernels.map((k) => parametersOf(k, d.nodes, d.overwrites)));
  const layout = layoutWeights(groups, target.bufferBytes, derived);
  const programs = drafted.map((d) => finish(d, layout, target, watch));
  return load === undefined ? { programs, layout } : { programs, layout, load: finish(load, layout, target, watch) };
}
