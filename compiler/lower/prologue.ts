import { constI, intExpr, load, op, reduce, variable, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { iadd, idiv, imul, upper } from '../expr/int.ts';
import { outerReductions, replaceByKey, substitute } from '../expr/rewrite.ts';
import type { RowsForm } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import { prologueOf, type RowProduct } from '../fuse/prologue.ts';
import type { LocalArray, LoopNest, Stmt } from '../loop/ir.ts';
import { rowLanes, type Profile } from '../loop/schedule.ts';
import { blockBody, dealtTotals, sharedStep } from './contract.ts';
import { gridDim, inWholeVectors, reductionLoop, sizeMax } from './common.ts';
import { rowTotals } from './rows.ts';

/** Columns of a cell, at least. */
const COLUMNS = 4;

const TURN = variable('_turn', Infinity);

/** A row that lies with the lanes of a cell, and how its entries are computed. */
interface SharedRow { readonly array: LocalArray; readonly value: Expr; readonly vector: 1 | 4 }

/**
 * A cell makes the row, and then its products with some of the columns: a layer norm that every cell of a projection
 * repeats, so that the projection need not wait for it. Undefined where the form is no such prologue.
 */
export function lowerPrologue(
  piece: FormedPiece, form: RowsForm, name: string, profile: Profile,
): LoopNest | undefined {
  const found = profile.cells === 'lanes' ? prologueOf(form) : undefined;
  if (found === undefined) return undefined;
  const { columns, before, products } = found;
  const [{ total: first }] = products;
  const { folds, totals } = rowTotals(before, profile);
  const rows = sharedRows(products, totals, profile);
  const step = sharedStep(products.length, profile);
  const block = step * Math.ceil(columnsOfCell(piece.domain, columns, profile) / step);
  const contractions = products.map((p) => productWith(p, first, rows));
  // A lane has its own entries at hand where it reads them as it made them; else all lanes share the row.
  const { vector } = reductionLoop(contractions.map((c) => c.body), first, 'lane', profile);
  const locals = [...rows.values()].map(({ array, vector: made }): LocalArray =>
    (made === vector ? { ...array, dealt: vector } : array));
  const known = new Map<string, Expr>([...totals, ...products.map((p, i) => [p.total.key, contractions[i]] as const)]);
  const stores = piece.stores.map((s) => ({ ...s, value: replaceByKey(s.value, known) }));
  const start = variable('_columns', sizeMax(columns));
  return {
    name, place: piece.root.origin.place,
    grid: piece.domain.map((d) => (d === columns ? { v: start, extent: d.extent, step: block } : gridDim(d))),
    lanes: rowLanes(profile),
    locals: [...locals, ...dealtTotals({ reductions: contractions }, [{ dim: columns, step }], 'lane', profile)],
    body: [
      ...folds, ...[...rows.values()].map((r) => filled(r, r.vector === vector, first)),
      ...(locals.some((l) => l.dealt === undefined) ? [{ kind: 'barrier' } as const] : []),
      {
        kind: 'loop', loop: { v: TURN, extent: turnsFrom(start, columns, block, step), tag: 'serial', vector: 1 },
        body: [
          { kind: 'let', v: columns.v, value: iadd(start, imul(TURN, step)) },
          ...blockBody({ stores }, { reductions: contractions }, [{ dim: columns, step }], 'lane', profile),
        ],
      },
    ],
  };
}

/** As many as leave enough cells to keep the device at work, and about as many in each cell. */
function columnsOfCell(domain: readonly Dim[], columns: Dim, { busyCells }: Profile): number {
  const points = domain.reduce((n, d) => n * sizeMax(d), 1);
  const cells = Math.ceil(sizeMax(columns) / Math.max(COLUMNS, Math.ceil(points / busyCells)));
  return Math.ceil(sizeMax(columns) / cells);
}

/** The rows that the totals make, by key; products of one row share it. */
function sharedRows(
  products: readonly RowProduct[], totals: ReadonlyMap<string, Expr>, profile: Profile,
): ReadonlyMap<string, SharedRow> {
  const rows = new Map<string, SharedRow>();
  const [{ total: first }] = products;
  for (const { total, row } of products) {
    if (rows.has(row.key) || outerReductions(row).length === 0) continue;
    const value = substitute(replaceByKey(row, totals), new Map([[total.v.name, first.v]]));
    const { vector } = inWholeVectors(reductionLoop([value], first, 'lane', profile));
    const array: LocalArray = { name: `local:row${rows.size}`, type: 'f32', size: upper(first.extent) };
    rows.set(row.key, { array, value, vector });
  }
  return rows;
}

const filled = ({ array, value, vector }: SharedRow, isDealt: boolean, { v, extent }: ReduceExpr): Stmt => ({
  kind: 'loop', loop: { v, extent, tag: 'lane', vector: isDealt ? vector : 1 },
  body: [{ kind: 'store', buffer: array.name, index: v, value }],
});

/** A product as a sum over the first one's variable, of a row that is kept and columns. */
function productWith(
  { total, row, column }: RowProduct, { v, extent }: ReduceExpr, rows: ReadonlyMap<string, SharedRow>,
): ReduceExpr {
  const kept = rows.get(row.key);
  const factor = kept === undefined ? row : load(kept.array.name, v, 'f32');
  const factors = [factor, column].map((e) => substitute(e, new Map([[total.v.name, v]])));
  return reduce('sum', v, extent, op('mul', factors));
}

/** How often a cell takes `step` columns: fewer times where the dimension ends within its block. */
function turnsFrom(start: Expr, { extent }: Dim, block: number, step: number): Expr {
  if (extent.kind === 'const' && extent.value % block === 0) return constI(block / step);
  const left = iadd(iadd(extent, imul(start, -1)), constI(step - 1));
  return intExpr('min', constI(block / step), idiv(left, step));
}
