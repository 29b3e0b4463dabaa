import { constI, load, type Expr } from '../../expr/expr.ts';
import { iadd, imod, imul } from '../../expr/int.ts';
import { integerFactors } from '../../expr/integers.ts';
import { replaceByKey } from '../../expr/rewrite.ts';
import type { LocalArray, Stmt } from '../../loop/ir.ts';
import { LANES } from '../../fuse/strides.ts';
import type { Fold } from './block.ts';

/** Folds that read some factors from memory of their cell's own. */
export interface Panelled {
  readonly memory: readonly LocalArray[];
  /** Lays the factors side by side. */
  readonly fill: readonly Stmt[];
  readonly folds: readonly Fold[];
}

/** What the caches hold beside what else a cell reads. */
const PANEL_BYTES = 1 << 17;

/**
 * Folds whose totals' factors that stay the same `along` a dimension (rows of a weight, for every row of a prompt) are
 * copied into panels, a vector of each beside that of the next: one stream in place of several, whose places in a cache
 * do not compete, and what a factor computes is computed once.
 *
 * @returns undefined where a total has no such factor, or too few of them differ, or their panels would be too large
 */
export function panelled(folds: readonly Fold[], along: string): Panelled | undefined {
  const panels: Panel[] = [];
  for (const [i, fold] of folds.entries()) {
    const made = panelOf(fold, along, `local:panel${i}`);
    if (made === undefined) return undefined;
    panels.push(made);
  }
  if (panels.reduce((n, p) => n + 4 * p.memory.size, 0) > PANEL_BYTES) return undefined;
  return { memory: panels.map((p) => p.memory), fill: panels.map((p) => p.fill), folds: panels.map((p) => p.fold) };
}

interface Panel {
  readonly memory: LocalArray;
  readonly fill: Stmt;
  readonly fold: Fold;
}

function panelOf(fold: Fold, along: string, name: string): Panel | undefined {
  const { v, extent } = fold.loop;
  if (extent.kind !== 'const' || extent.value < LANES) return undefined;
  const isStill = (x: Expr): boolean => x.free.has(v.name) && !x.free.has(along);
  const still = fold.totals.map((t) => factorsOf(t.value).filter(isStill));
  const factors = [...new Map(still.flat().map((x) => [x.key, x])).values()];
  if (still.some((s) => s.length !== 1) || factors.length < LANES) return undefined;
  // As f32, which panels hold, integers take twice the instructions.
  if (fold.totals.every((t) => integerFactors(t.value, v.name) !== undefined)) return undefined;
  const places = factors.map((_, i) => placeOf(v, i, factors.length));
  const table = new Map(factors.map((x, i) => [x.key, load(name, places[i], 'f32')]));
  return {
    memory: { name, type: 'f32', size: factors.length * Math.ceil(extent.value / LANES) * LANES },
    fill: {
      kind: 'loop',
      loop: { v, extent, tag: 'lane', vector: LANES },
      body: factors.map((value, i): Stmt => ({ kind: 'store', buffer: name, index: places[i], value })),
    },
    fold: { ...fold, totals: fold.totals.map((t) => ({ ...t, value: replaceByKey(t.value, table) })) },
  };
}

const factorsOf = (e: Expr): readonly Expr[] => (e.kind === 'op' && e.op === 'mul' ? e.args : []);

/** Entry `v` of the `i`-th of `count` factors: vector `v / 4` of all of them, then the place in the vector. */
const placeOf = (v: Expr, i: number, count: number): Expr =>
  iadd(iadd(imul(v, count), imul(imod(v, LANES), 1 - count)), constI(LANES * i));
