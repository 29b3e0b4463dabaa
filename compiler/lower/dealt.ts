import { constI, intExpr, variable, type Expr, type VarExpr } from '../expr/expr.ts';
import { iadd, idiv, imul } from '../expr/int.ts';
import type { OnlineForm } from '../fuse/form.ts';
import type { Loop, Stmt } from '../loop/ir.ts';
import { LANES, runsAlong } from '../fuse/strides.ts';
import { LANE } from './tile.ts';

/*
 * What the lanes of a subgroup have in arrays that are dealt to them (`LocalArray.dealt`), and how they walk these.
 */

export type Run = 1 | 4;

const ENTRY = variable('_entry', Infinity);

export const serialLoop = (v: VarExpr, extent: Expr): Loop => ({ v, extent, tag: 'serial', vector: 1 });
export const laneLoop = (v: VarExpr, extent: Expr): Loop => ({ v, extent, tag: 'lane', vector: 1 });

/** How many points of the inner dimension a lane has side by side: four where all that is read there lies so too. */
export function runOf({ inner, sums }: OnlineForm, lanes: number): Run {
  const [along] = inner;
  if (along === undefined || along.extent.kind !== 'const' || along.extent.value % (LANES * lanes) !== 0) return 1;
  const weights = sums.flatMap(({ weight }) => (weight?.free.has(along.v.name) === true ? [weight] : []));
  return weights.every((w) => runsAlong([w], along.v.name)) ? LANES : 1;
}

/** Statements for as many entries as lie side by side, done by the lanes whose they are. */
export const inOwn = (size: Expr, run: Run, body: (entries: readonly Expr[]) => readonly Stmt[]): Stmt => ({
  kind: 'loop', loop: laneLoop(ENTRY, idiv(size, run)),
  body: body(Array.from({ length: run }, (_, i) => iadd(imul(ENTRY, run), constI(i)))),
});

/** The i-th of a lane's own entries. */
export const ownEntry = (i: number, run: Run, lanes: number): Expr =>
  iadd(imul(LANE, run), constI(Math.floor(i / run) * run * lanes + i % run));

/** An entry inside a size that is no multiple of the step at which entries are taken. */
export const heldInside = (entry: Expr, size: number, step: number): Expr =>
  (size % step === 0 ? entry : intExpr('min', entry, constI(size - 1)));
