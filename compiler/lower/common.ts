import { constI, intExpr, op, type Expr, type ReduceExpr, type VarExpr } from '../expr/expr.ts';
import { iadd, multipleOf, stride, upper } from '../expr/int.ts';
import { findAll } from '../expr/rewrite.ts';
import type { Dim } from '../fuse/piece.ts';
import type { GridDim, Loop, LoopTag, Stmt } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import { gathersNothing, LANES, loadsIn } from '../fuse/strides.ts';

export const gridDim = (d: Dim, step = 1): GridDim => ({ v: d.v, extent: d.extent, step });

/** Lanes side by side along a dimension; a thread takes vectors of it. */
export const laneLoop = (d: Dim, profile: Profile): Loop => ({
  v: d.v, extent: d.extent, tag: 'lane', vector: profile.cells === 'vectors' && sizeMax(d) >= LANES ? LANES : 1,
});

export const sizeMax = (d: Dim): number => upper(d.extent);

/**
 * The loop of a reduction; taken four at a time where its loads allow. What remains of a range is done one by one, by
 * lanes where the range is long: in a short one vectors win less than what that code costs.
 */
export function reductionLoop(bodies: readonly Expr[], r: ReduceExpr, tag: LoopTag, profile: Profile): Loop {
  const lanes = profile.cells === 'lanes';
  const four = lanes ? vectorizes(bodies, r) : gathersNothing(bodies, r.v.name);
  const loop: Loop = { v: r.v, extent: r.extent, tag, vector: four && upper(r.extent) >= LANES ? LANES : 1 };
  if (!lanes) return loop;
  // What remains is for any lanes, and not for those that hold its entries.
  const divides = upper(r.extent) < profile.sharedFrom || (tag === 'lane' && bodies.some(readsHeld));
  return divides ? inWholeVectors(loop) : loop;
}

const readsHeld = (e: Expr): boolean => loadsIn(e).some((l) => l.buffer.startsWith('local:'));

/** A loop that is taken four at a time only where nothing remains. */
export const inWholeVectors = (loop: Loop): Loop => ({ ...loop, vector: remainderOf(loop) === 0 ? loop.vector : 1 });

/** How much of a loop's range vectors of it leave; undefined where a run decides. */
export const remainderOf = ({ extent, vector }: Loop): number | undefined =>
  (vector === 1 ? 0 : extent.kind === 'const' ? extent.value % vector : undefined);

/**
 * Whether four neighbours along a reduction can be taken at once: some load walks memory one by one from a multiple of
 * four. Other loads are gathered.
 */
function vectorizes(bodies: readonly Expr[], r: ReduceExpr): boolean {
  if (r.extent.kind !== 'const' || r.monoid === 'compensated') return false;
  if (!bodies.every(takesFour)) return false;
  return bodies.some((b) => findAll(b, (e) => e.kind === 'load' && loadsVector(e.index, r.v)).length > 0);
}

/** Whether an expression can be computed for four numbers at once; random numbers are drawn one at a time. */
export const takesFour = (e: Expr): boolean => findAll(e, (x) => x.kind === 'random').length === 0;

/** Whether an index walks memory one by one along `v`, starting at a multiple of four. */
export function loadsVector(index: Expr, v: VarExpr): boolean {
  const s = stride(index, v.name);
  return s !== undefined && s.factor === 1 && multipleOf(s.rest, 4);
}

/** `v + i`, held inside the extent so that every load is in bounds; the store beyond it is guarded. */
export function stepped(d: Dim, step: number, i: number): Expr {
  const at = iadd(d.v, constI(i));
  if (i === 0) return d.v;
  if (d.extent.kind === 'const' && d.extent.value % step === 0) return at;
  return intExpr('min', at, iadd(d.extent, constI(-1)));
}

/** Runs statements only where `v + i` lies in the extent. */
export function guarded(d: Dim, step: number, i: Expr, body: readonly Stmt[]): readonly Stmt[] {
  if (d.extent.kind === 'const' && d.extent.value % step === 0) return body;
  return [{ kind: 'guard', condition: op('lt', [iadd(d.v, i), d.extent]), body }];
}
