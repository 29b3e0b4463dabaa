import { constI, type Expr } from '../expr/expr.ts';
import { iadd, imul, nonNegative, stride, upper } from '../expr/int.ts';
import { findAll, substitute } from '../expr/rewrite.ts';
import { formOf, type ContractForm, type RowsForm } from './form.ts';
import type { Dim, Piece } from './piece.ts';

/** Values that a cell computes one after the other for a few rows, of which it holds all but the last. */
export interface ChainForm {
  readonly kind: 'chain';
  readonly rows: readonly Dim[];
  readonly stages: readonly Stage[];
}

/** One value of a chain: along its last dimension, for each row. */
export interface Stage extends Piece {
  readonly form: ContractForm | RowsForm;
  /** Entries from the beginning of a row to that of the next. */
  readonly width: number;
  /** Index at which a row begins. */
  readonly start: Expr;
  /** Where the cell holds it: stages may take the place of those that are not needed any more. The last has none. */
  readonly place: number;
}

/** Rows that a cell takes at once, at most. */
export const CHAIN_ROWS = 8;
/** What lanes share on every device holds as many numbers besides the totals of lanes. */
const HELD_ENTRIES = 3584;
/** Code of more stages takes drivers too long to compile. */
const MAX_STAGES = 6;
/** With fewer cells a device would be idle. */
const LEAST_CELLS = 16;

/**
 * Pieces, each before those that read it, as stages of a chain. Undefined where one reads other rows than its own, where
 * rows are not of known number, or where a cell cannot hold them.
 */
export function chainForm(pieces: readonly Piece[]): ChainForm | undefined {
  const rows = pieces.at(-1)?.domain.slice(0, -1) ?? [];
  const [row] = rows.slice(-1);
  if (pieces.length > MAX_STAGES || row === undefined || !rows.every((d) => d.extent.kind === 'const')) return undefined;
  const cells = rows.reduce((n, d) => n * upper(d.extent), 1) / CHAIN_ROWS;
  if (upper(row.extent) % CHAIN_ROWS !== 0 || cells < LEAST_CELLS) return undefined;
  const alone = pieces.map((p) => stageOf(p, rows, row));
  const stages: Stage[] = alone.filter((s) => s !== undefined);
  if (stages.length < pieces.length || !stages.every((s) => readsOwnRows(s, rows, stages))) return undefined;
  const placed = placedStages(stages);
  const entries = placesOf(placed).reduce((a, b) => a + b, 0);
  return CHAIN_ROWS * entries <= HELD_ENTRIES ? { kind: 'chain', rows, stages: placed } : undefined;
}

/** Entries of a row in each place. */
export function placesOf(stages: readonly Stage[]): readonly number[] {
  const sizes: number[] = [];
  for (const { place, width } of stages.slice(0, -1)) sizes[place] = Math.max(sizes[place] ?? 0, width);
  return sizes;
}

function stageOf(p: Piece, rows: readonly Dim[], row: Dim): Stage | undefined {
  const [form, inner, [store]] = [formOf(p), p.domain.at(-1), p.stores];
  if (form === undefined || inner === undefined || p.stores.length > 1 || inner.extent.kind !== 'const') return undefined;
  const own = p.domain.slice(0, -1);
  const sameRows = own.length === rows.length && own.every((d, i) => isSame(d, rows[i]));
  if (!sameRows || (form.kind !== 'contract' && form.kind !== 'rows')) return undefined;
  if (form.kind === 'rows' && !(form.inner.length === 1 && form.inner[0] === inner)) return undefined;
  if (!form.reductions.every((r) => r.extent.kind === 'const')) return undefined;
  const start = substitute(store.index, new Map([[inner.v.name, constI(0)]]));
  const width = stride(start, row.v.name)?.factor;
  const liesAlone = width !== undefined && width >= inner.extent.value;
  if (!liesAlone || iadd(store.index, imul(start, -1)).key !== inner.v.key) return undefined;
  return { ...p, form, width, start, place: 0 };
}

const isSame = (a: Dim, b: Dim): boolean => a.v.name === b.v.name && a.extent.key === b.extent.key;

/** Whether all that a stage reads of others lies in the row that it computes. */
function readsOwnRows(stage: Stage, rows: readonly Dim[], stages: readonly Stage[]): boolean {
  return stage.stores.every((s) => findAll(s.value, (e) => e.kind === 'load').every((l) => {
    const of = l.kind === 'load' ? stages.find((x) => x.root.key === l.buffer) : undefined;
    if (of === undefined || l.kind !== 'load') return true;
    const inside = iadd(l.index, imul(of.start, -1));
    return !rows.some((d) => inside.free.has(d.v.name)) && nonNegative(inside) && upper(inside) < of.width;
  }));
}

/** Gives each stage but the last a place that no value which is still needed has. */
function placedStages(stages: readonly Stage[]): readonly Stage[] {
  const lastRead = stages.map((s, i) => stages.findLastIndex((x) => reads(x, s.root.key)) || i);
  const until: number[] = [];
  return stages.map((s, i) => {
    const free = until.findIndex((end) => end < i);
    const place = free < 0 ? until.length : free;
    if (i < stages.length - 1) until[place] = lastRead[i];
    return { ...s, place };
  });
}

const reads = (s: Stage, key: string): boolean =>
  s.stores.some((x) => findAll(x.value, (e) => e.kind === 'load' && e.buffer === key).length > 0);
