import type { Draft } from '../fuse/siblings.ts';
import type { BoundNest, Stmt } from '../loop/ir.ts';
import { expressionsOf } from '../loop/expressions.ts';
import { loadsIn } from '../fuse/strides.ts';
import type { Overwrites } from '../passes/updates.ts';

/**
 * Checks kernels in the order in which they will run: what a kernel loads was made before, no weight is read once it
 * was overwritten, and inside of a kernel an overwritten weight is loaded at the entries that are stored alone.
 * @param isGiven whether the program does not make the value of a key
 * @throws Error, for that is a fault of the compiler
 */
export function verifyOrder(drafts: readonly Draft[], overwrites: Overwrites, isGiven: (key: string) => boolean): void {
  const made = new Set<string>();
  const gone = new Set<string>();
  for (const d of drafts) {
    const own = new Set(d.computations.map((c) => c.root.key));
    for (const key of d.computations.flatMap((c) => [...c.reads])) {
      if (gone.has(key)) fail(d, 'reads a weight that was overwritten before');
      if (!isGiven(key) && !made.has(key) && !own.has(key)) fail(d, 'loads a value that is made later');
    }
    if ([...own].some((key) => overwrites.has(key))) for (const nest of d.nests) checkNest(d, nest, own, overwrites);
    for (const key of own) {
      made.add(key);
      const weight = overwrites.get(key);
      if (weight !== undefined) gone.add(weight.key);
    }
  }
}

function checkNest(d: Draft, nest: BoundNest, own: ReadonlySet<string>, overwrites: Overwrites): void {
  const keyOf = (name: string): string => nest.values.get(name) ?? name;
  const writers = new Map([...own].flatMap((key) => {
    const weight = overwrites.get(key);
    return weight === undefined ? [] : [[weight.key, key] as const];
  }));
  const { loads, stores } = accesses(nest.body);
  for (const { buffer, at, isTotal } of loads) {
    const key = keyOf(buffer);
    const writer = writers.get(key);
    if (own.has(key)) fail(d, 'loads what it makes');
    if (writer === undefined) continue;
    const isOwnEntry = !isTotal && stores.some((s) => keyOf(s.buffer) === writer && s.at === at);
    if (!isOwnEntry) fail(d, 'reads entries of a weight that other cells overwrite');
  }
}

interface Access { readonly buffer: string; readonly at: string; readonly isTotal: boolean }

function accesses(body: readonly Stmt[]): { readonly loads: readonly Access[]; readonly stores: readonly Access[] } {
  const all = body.flatMap(flat);
  return {
    loads: all.flatMap((s) => expressionsOf(s).flatMap(loadsIn).map((l): Access =>
      ({ buffer: l.buffer, at: l.index.key, isTotal: s.kind === 'fold' }))),
    stores: all.flatMap((s) => (s.kind === 'store' ? [{ buffer: s.buffer, at: s.index.key, isTotal: false }] : [])),
  };
}

const flat = (s: Stmt): readonly Stmt[] =>
  (s.kind === 'loop' || s.kind === 'guard' ? [s, ...s.body.flatMap(flat)] : [s]);

function fail({ nests: [nest] }: Draft, what: string): never {
  throw new Error(`order: the kernel ${nest.name} ${what}`);
}
