import type { Computation, FormedPiece } from '../fuse/fuse.ts';
import type { Kind } from '../fuse/kind.ts';
import { makesRow } from '../fuse/prologue.ts';
import type { BoundNest, LoopNest } from '../loop/ir.ts';
import { NO_SLABS, profileBy, type Profile, type Schedules } from '../loop/schedule.ts';
import { lowerChain } from './chain.ts';
import { lowerContract } from './contract.ts';
import { lowerMap } from './map.ts';
import { lowerOnline } from './online.ts';
import { lowerPrologue } from './prologue.ts';
import { lowerRows } from './rows.ts';
import { lowerScatter } from './scatter.ts';
import { lowerContract as contractByVectors } from './vectors/contract.ts';
import { lowerMap as mapByVectors } from './vectors/map.ts';

/*
 * lower: pieces with a form → LoopIR.
 * Invariant: a nest stores each entry of its values once, and loads only inside the bounds of what it loads.
 */

/** The loop nests of each stored value; those of one kind are made once, by the kind's own schedule where it has one. */
export function lower(
  computations: readonly Computation[], profile: Profile, schedules: Schedules = {},
): readonly (readonly BoundNest[])[] {
  const known = new Map<Kind, readonly LoopNest[]>();
  return computations.map((c) => {
    const own = profileBy(profile, schedules[c.kind.root.key]);
    const nests = known.get(c.kind) ?? lowerKind(c.kind, own);
    known.set(c.kind, nests);
    const bound = { name: nameOf(c), place: c.root.origin.place, values: c.values, threads: own.threads };
    return nests.map((n): BoundNest => ({ ...n, ...bound }));
  });
}

export function lowerKind(kind: Kind, profile: Profile): readonly LoopNest[] {
  if (kind.formed === undefined) throw new Error(`lower: ${kind.root.kind} has no form`);
  // Pieces side by side are run by workgroups of one size, in which single threads or lanes of one number have a cell.
  const own = kind.formed.length === 1 ? profile : { ...profile, onlineParts: 1, slabs: NO_SLABS };
  return kind.formed.map((p) => lowerPiece(p, '', own));
}

export function lowerPiece(p: FormedPiece, name: string, profile: Profile): LoopNest {
  const vectors = profile.cells === 'vectors';
  switch (p.form.kind) {
    case 'map': return vectors ? mapByVectors(p, name, profile) : lowerMap(p, name);
    case 'contract': return (vectors ? contractByVectors : lowerContract)(p, p.form, name, profile);
    case 'rows': return lowerPrologue(p, p.form, name, profile) ?? lowerRows(p, p.form, name, profile);
    case 'online': return lowerOnline(p, p.form, name, profile);
    case 'scatter': return lowerScatter(p, p.form, name, profile);
    case 'chain': return lowerChain(p, p.form, name, profile);
  }
}

/** A readable name: what kind of kernel, and the line of the user's program that it came from. */
function nameOf(c: Computation): string {
  const place = c.root.origin.place;
  const forms = new Set(c.kind.formed?.map((p) => (makesRow(p.form) ? 'contract' : p.form.kind)));
  const file = place?.file.split(/[\\/]/).at(-1)?.replace(/\.[^.]*$/, '').replace(/[^A-Za-z0-9]/g, '_');
  return [...(c.again ? ['again'] : []), ...forms, ...(place === undefined ? [] : [file, place.line])].join('_');
}
