import type { Computation, FormedPiece } from './fuse.ts';
import { follows } from './follows.ts';
import { makesRow } from './prologue.ts';
import type { BoundNest } from '../loop/ir.ts';
import { SHARED_BYTES, sharedBytes } from '../loop/shared-memory.ts';
import type { Overwrites } from '../passes/updates.ts';

/** One dispatch: nests side by side, each over its own grid. */
export interface Draft {
  readonly computations: readonly Computation[];
  readonly nests: readonly BoundNest[];
}

/** More nests in one module take longer to compile than the dispatches they save. */
const MAX_NESTS = 4;

/**
 * siblings: contractions of one operand that do not need each other become one dispatch (queries, keys and values), and
 * so does the kernel that stores a row which they make for themselves.
 * `isPacked` tells weights and constants from other values.
 * Invariant: every kernel still comes after those whose values it loads, and after those that read what it overwrites.
 */
export function mergeSiblings(
  drafts: readonly Draft[],
  maxBuffers: number,
  isPacked: (key: string) => boolean,
  overwrites: Overwrites = new Map(),
): readonly Draft[] {
  const merged: Draft[] = [];
  for (const d of drafts) {
    const at = merged.findLastIndex((k) => areSiblings(k, d, maxBuffers, isPacked));
    const isFree = at >= 0 && !merged.slice(at).some((k) => follows(d, k, overwrites));
    if (isFree) merged[at] = join(merged[at], d);
    else merged.push(d);
  }
  return merged;
}

/** A kernel is named by its first nest: what makes a row for itself comes before what stores it for others. */
function join(a: Draft, b: Draft): Draft {
  const [first, second] = makesRows(b) && !makesRows(a) ? [b, a] : [a, b];
  return { computations: [...first.computations, ...second.computations], nests: [...first.nests, ...second.nests] };
}

const piecesOf = (d: Draft): readonly FormedPiece[] => d.computations.flatMap((c) => c.kind.formed ?? []);

const makesRows = (d: Draft): boolean => piecesOf(d).some((p) => makesRow(p.form));

function areSiblings(a: Draft, b: Draft, maxBuffers: number, isPacked: (key: string) => boolean): boolean {
  // What is made again late would be kept from early on after all.
  if ([...a.computations, ...b.computations].some((c) => c.again)) return false;
  if (a.nests.length + b.nests.length > MAX_NESTS) return false;
  const lanes = new Set([...a.nests, ...b.nests].map((n) => n.lanes));
  // Blocks of results are long code with much work: one dispatch fewer would not pay for compiling them together.
  if (lanes.size !== 1 || lanes.has(1) || sharedBytes([...a.nests, ...b.nests]) > SHARED_BYTES) return false;
  // What makes a row for itself need not wait for the kernel that stores it for others.
  const besideRow = makesRows(a) || makesRows(b);
  const contracts = [...piecesOf(a), ...piecesOf(b)].every(({ form: { kind } }) =>
    kind === 'contract' || (kind === 'rows' && besideRow));
  if (!contracts) return false;
  const [ra, rb] = [readsOf(a), readsOf(b)];
  if (![...ra].some((key) => rb.has(key) && !isPacked(key))) return false;
  // Weights that a kernel reads lie side by side and take one binding; so do constants.
  const all = [...new Set([...ra, ...rb])];
  const own = all.filter((key) => !isPacked(key)).length + (all.some(isPacked) ? 2 : 0);
  return own + a.computations.length + b.computations.length <= maxBuffers;
}

const readsOf = (d: Draft): ReadonlySet<string> => new Set(d.computations.flatMap((c) => [...c.reads]));
