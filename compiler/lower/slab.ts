import { constI, intExpr, variable, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { iadd, idiv, imod, imul, stride } from '../expr/int.ts';
import { substitute } from '../expr/rewrite.ts';
import type { Dim } from '../fuse/piece.ts';
import type { Loop, Stmt } from '../loop/ir.ts';
import { loadsVector, takesFour } from './common.ts';
import { laneLoop } from './dealt.ts';
import { slabStride, type SlabBlock } from './slab-block.ts';
import { LANES, loadsIn } from '../fuse/strides.ts';
import { within } from './tile.ts';

/** Which part of the range the slabs of a turn hold. */
export const SLAB = variable('_slab', Infinity);
const [COPY, ENTRY] = [variable('_copy', Infinity), variable('_entry', LANES)];

/** A factor's entries for the points of a block and a part of the range. */
export interface Slab {
  readonly name: string;
  /** The factor, by the variable of the first reduction. */
  readonly factor: Expr;
  readonly dim: Dim;
  readonly points: number;
}

/** Whether four neighbours along the range can be taken at once, and are where they are read. */
export const liesInFours = (e: Expr, { v, extent }: ReduceExpr): boolean =>
  extent.kind === 'const' && extent.value % LANES === 0 && takesFour(e)
  && loadsIn(e).some((l) => loadsVector(l.index, v));

/** Where a slab has its entry of a point. */
export function placeIn({ points }: Slab, block: SlabBlock, point: Expr, deep: Expr): Expr {
  const apart = slabStride(block, points);
  return block.byFours ? iadd(imul(point, apart), deep) : iadd(imul(deep, apart), point);
}

/** Lanes copy a slab; neighbours read what lies side by side in memory. What is beyond the range is never added. */
export function copied(slab: Slab, block: SlabBlock, { v, extent }: ReduceExpr): Stmt {
  const { depth, byFours } = block;
  const { points, dim, factor } = slab;
  const [each, entry] = byFours ? [LANES, ENTRY] as const : [1, constI(0)] as const;
  const groups = depth / each;
  const alongRange = loadsIn(factor).some((l) => stride(l.index, v.name)?.factor === 1);
  const side = alongRange ? groups : points;
  const [whole, rest] = [idiv(COPY, side), imod(COPY, side)];
  const [point, group] = alongRange ? [whole, rest] : [rest, whole];
  const at = iadd(imul(SLAB, groups), group);
  const held = extent.kind === 'const' && extent.value % depth === 0 ? at
    : intExpr('min', at, iadd(idiv(extent, each), constI(-1)));
  const here = new Map([[v.name, iadd(imul(held, each), entry)], [dim.v.name, within(dim, points, point)]]);
  const store: Stmt = {
    kind: 'store', buffer: slab.name, value: substitute(factor, here),
    index: placeIn(slab, block, point, iadd(imul(group, each), entry)),
  };
  const all: Loop = { v: ENTRY, extent: constI(LANES), tag: 'unrolled', vector: LANES };
  const body: Stmt = byFours ? { kind: 'loop', loop: all, body: [store] } : store;
  return { kind: 'loop', loop: laneLoop(COPY, constI(points * groups)), body: [body] };
}
