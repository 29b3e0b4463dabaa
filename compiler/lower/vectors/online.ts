import { constI, intExpr, load, variable, type Expr, type VarExpr } from '../../expr/expr.ts';
import { iadd, imul, upper } from '../../expr/int.ts';
import { outerReductions, replaceByKey, substitute } from '../../expr/rewrite.ts';
import type { Dim } from '../../fuse/piece.ts';
import type { Loop, Stmt, Total } from '../../loop/ir.ts';
import type { Profile } from '../../loop/schedule.ts';
import { reductionLoop } from '../common.ts';
import { LANES } from '../../fuse/strides.ts';

/** Sums that are taken at once, so that what they share is loaded once and none waits for another. */
const TOGETHER = 4;

/** An index, and how many values of it there are. */
interface Entries {
  readonly v: VarExpr;
  readonly count: Expr;
}

/**
 * Stores an expression with reductions inside for each entry of a range: four entries at a time, whose totals are taken
 * in one fold and put side by side.
 */
export function storeByFours(
  { v, count }: Entries, buffer: string, at: (entry: Expr) => Expr, profile: Profile,
): Stmt {
  const four = variable(`${v.name}_four`, Math.ceil(v.bound / TOGETHER));
  const first = imul(four, TOGETHER);
  const lane = variable(`${v.name}_lane`, TOGETHER);
  const last = iadd(count, constI(-1));
  const entries = Array.from({ length: TOGETHER }, (_, i) =>
    outerReductions(at(i === 0 ? first : intExpr('min', iadd(first, constI(i)), last))));
  const value = at(iadd(first, lane));
  const known = new Map<string, Expr>();
  const body: Stmt[] = [];
  outerReductions(value).forEach((r, k) => {
    const name = `${buffer}${k}`;
    const totals = entries.map((rs, i): Total => ({
      v: variable(`_total${k}_${i}`, Infinity, 'f32'), monoid: r.monoid,
      value: substitute(rs[k].body, new Map([[rs[k].v.name, r.v]])),
    }));
    body.push({ kind: 'fold', loop: reductionLoop(totals.map((t) => t.value), r, 'serial', profile), totals });
    body.push({ kind: 'array', name, values: totals.map((t) => t.v) });
    known.set(r.key, load(name, lane, 'f32'));
  });
  const left = intExpr('min', constI(TOGETHER), iadd(count, imul(four, -TOGETHER)));
  const store: Stmt = { kind: 'store', buffer, index: iadd(first, lane), value: replaceByKey(value, known) };
  body.push({ kind: 'loop', loop: { v: lane, extent: left, tag: 'lane', vector: LANES }, body: [store] });
  const fours = intExpr('div', iadd(count, constI(TOGETHER - 1)), constI(TOGETHER));
  return { kind: 'loop', loop: { v: four, extent: fours, tag: 'serial', vector: 1 }, body };
}

/**
 * Sums for every entry of a dimension, each a fold over one loop: vectors along the dimension, several of them at a time
 * where it divides so.
 */
export function sumsAlong(
  along: Dim, loop: Loop, of: (entry: Expr) => Expr, store: (entry: Expr, sum: Expr) => Stmt,
): Stmt {
  const { extent } = along;
  const vectors = extent.kind === 'const' && extent.value % (TOGETHER * LANES) === 0 ? TOGETHER : 1;
  const blocks = Math.ceil(upper(extent) / (vectors * LANES));
  const fresh = Array.from({ length: vectors }, (_, i) => variable(`_fresh${i}`, Infinity, 'f32'));
  const inside = (lane: Expr, block: Expr): readonly Expr[] =>
    fresh.map((_, i) => iadd(iadd(imul(block, vectors * LANES), lane), constI(i * LANES)));
  const bodyAt = (entries: readonly Expr[]): readonly Stmt[] => [
    { kind: 'fold', loop, totals: fresh.map((v, i): Total => ({ v, monoid: 'sum', value: of(entries[i]) })) },
    ...entries.map((e, i) => store(e, fresh[i])),
  ];
  if (vectors === 1) {
    const lanes: Loop = { v: along.v, extent, tag: 'lane', vector: LANES };
    return { kind: 'loop', loop: lanes, body: bodyAt([along.v]) };
  }
  const lane = variable(`_${along.v.name}_lane`, LANES);
  const block = variable(`_${along.v.name}_block`, blocks);
  const lanes: Loop = { v: lane, extent: constI(LANES), tag: 'lane', vector: LANES };
  return {
    kind: 'loop',
    loop: { v: block, extent: constI(blocks), tag: 'serial', vector: 1 },
    body: [{ kind: 'loop', loop: lanes, body: bodyAt(inside(lane, block)) }],
  };
}
