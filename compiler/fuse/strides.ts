import { constI, type Expr, type LoadExpr, type ReduceExpr } from '../expr/expr.ts';
import { iadd, stride, termsOf, upper } from '../expr/int.ts';
import { findAll } from '../expr/rewrite.ts';
import type { Dim, Store } from './piece.ts';

/** Entries of a vector. */
export const LANES = 4 as const;

/** Everything that an expression reads from memory. */
export const loadsIn = (e: Expr): readonly LoadExpr[] =>
  findAll(e, (x) => x.kind === 'load').filter((x): x is LoadExpr => x.kind === 'load');

/** How far neighbours along a variable lie apart in memory; undefined where they are not evenly apart. */
const step = (index: Expr, name: string): number | undefined =>
  (index.free.has(name) ? stride(index, name)?.factor : 0);

/** Whether all that an expression loads lies side by side along a variable, or does not vary with it. */
export function runsAlong(es: readonly Expr[], name: string): boolean {
  const steps = es.flatMap(loadsIn).map((l) => step(l.index, name));
  return steps.every((s) => s === 0 || s === 1) && steps.includes(1);
}

/** Whether nothing of what an expression loads lies scattered along a variable. */
export function gathersNothing(es: readonly Expr[], name: string): boolean {
  return es.flatMap(loadsIn).every((l) => [0, 1].includes(step(l.index, name) ?? -1));
}

/** Where an index lies among four neighbours that begin at a multiple of four; undefined where that is not known. */
export function placeOfFour(index: Expr): 0 | 1 | 2 | 3 | undefined {
  const { constant, terms } = termsOf(index);
  const place = PLACES[((constant % LANES) + LANES) % LANES];
  return terms.every((t) => t.factor % LANES === 0) ? place : undefined;
}

const PLACES = [0, 1, 2, 3] as const;

/** Buffers of which all four neighbours from some multiple of four on are loaded one by one. */
export function loadedByFours(es: readonly Expr[]): ReadonlySet<string> {
  const places = new Map<string, { readonly buffer: string; readonly seen: Set<number> }>();
  for (const { buffer, index, type } of es.flatMap(loadsIn)) {
    const place = type === 'f32' ? placeOfFour(index) : undefined;
    if (place === undefined) continue;
    const key = `${buffer}[${iadd(index, constI(-place)).key}]`;
    const four = places.get(key) ?? { buffer, seen: new Set() };
    places.set(key, four);
    four.seen.add(place);
  }
  return new Set([...places.values()].filter(({ seen }) => seen.size === LANES).map(({ buffer }) => buffer));
}

/** Whether a reduction can be taken four entries at a time without gathering. */
export const rangeRuns = (bodies: readonly Expr[], r: ReduceExpr): boolean =>
  upper(r.extent) >= LANES && runsAlong(bodies, r.v.name);

/** A dimension along which four results can be computed at once: the last whose loads and stores lie side by side. */
export function vectorDim(domain: readonly Dim[], stores: readonly Store[]): Dim | undefined {
  const values = stores.map((s) => s.value);
  const fits = (d: Dim): boolean => upper(d.extent) >= LANES && runsAlong(values, d.v.name) &&
    stores.every((s) => step(s.index, d.v.name) === 1);
  return domain.findLast(fits);
}
