import { constF, constI, intExpr, load, op, variable, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { iadd, idiv, imod, imul } from '../expr/int.ts';
import { replaceByKey, substitute } from '../expr/rewrite.ts';
import type { ContractForm } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LocalArray, LoopNest, Stmt, Total } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import { gridDim, guarded, sizeMax } from './common.ts';
import { serialLoop } from './dealt.ts';
import { copied, liesInFours, placeIn, SLAB, type Slab } from './slab.ts';
import { blockOf, slabSize, type SlabBlock } from './slab-block.ts';
import { LANES } from '../fuse/strides.ts';
import { crossingOf, inLanes, LANE, serial, type Crossing } from './tile.ts';

/*
 * Slabs: what the lanes of a workgroup, several subgroups of them, compute together. In each turn they copy a slab of
 * the rows and one of the columns, for a part of the range, into memory that they share; then each adds up the
 * products of its own rows and columns. So a number is read from the device's memory (and computed, where something is
 * fused into its factor) once for a whole block of results.
 */

const [DEEP, ROW, COLUMN] = ['_deep', '_row', '_own_column'].map((v) => variable(v, Infinity));
const BARRIER: Stmt = { kind: 'barrier' };

/** What all statements of a nest of slabs know. */
interface Parts {
  readonly block: SlabBlock;
  readonly range: ReduceExpr;
  readonly m: Dim;
  readonly n: Dim;
  readonly products: readonly { readonly row: Slab; readonly column: Slab }[];
  readonly slabs: readonly Slab[];
}

/** A contraction of rows with columns by slabs. Undefined where it is no such product, or one that is too small. */
export function lowerBySlabs(
  piece: FormedPiece, form: ContractForm, name: string, [m, n]: readonly [Dim, Dim], profile: Profile,
): LoopNest | undefined {
  const crossings = form.reductions.flatMap((r) => crossingOf(r, m.v.name, n.v.name) ?? []);
  const results = piece.domain.reduce((product, d) => product * sizeMax(d), 1);
  if (profile.slabs.depth === 0 || results < profile.slabs.from || crossings.length < form.reductions.length) {
    return undefined;
  }
  const parts = partsOf(crossings, form.reductions[0], m, n, profile);
  if (parts === undefined) return undefined;
  const { block, range, products, slabs } = parts;
  const { lanes, depth } = block;
  const turns = idiv(iadd(range.extent, constI(depth - 1)), depth);
  const begun = products.flatMap((_, i) => ownTotals(i, block).map((t): Stmt => ({ ...t, value: constF(0) })));
  return {
    name, place: piece.root.origin.place, lanes, locals: localsOf(parts),
    grid: piece.domain.map((d) => gridDim(d, d === m ? block.rows : d === n ? block.columns : 1)),
    body: [
      inLanes(lanes, begun),
      {
        kind: 'loop', loop: serialLoop(SLAB, turns),
        body: [...slabs.map((s) => copied(s, block, range)), BARRIER, inLanes(lanes, addedUp(parts)), BARRIER],
      },
      inLanes(lanes, epilogue(piece, form, parts)),
    ],
  };
}

function partsOf(
  crossings: readonly Crossing[], range: ReduceExpr, m: Dim, n: Dim, profile: Profile,
): Parts | undefined {
  const renamed = (e: Expr, r: ReduceExpr): Expr => substitute(e, new Map([[r.v.name, range.v]]));
  const factors = crossings.map(({ reduction, row, column }) =>
    ({ row: renamed(row, reduction), column: renamed(column, reduction) }));
  const [rows, columns] = [factors.map((f) => f.row), factors.map((f) => f.column)].map((es) =>
    [...new Map(es.map((e) => [e.key, e])).values()]);
  const block = blockOf({
    sizes: [sizeMax(m), sizeMax(n), sizeMax(range)], totals: crossings.length,
    rowSlabs: rows.length, columnSlabs: columns.length,
    byFours: [...rows, ...columns].every((e) => liesInFours(e, range)),
  }, profile);
  if (block === undefined) return undefined;
  const slabsOf = (es: readonly Expr[], stem: string, dim: Dim, points: number): ReadonlyMap<string, Slab> =>
    new Map(es.map((factor, i) => [factor.key, { name: `local:${stem}${i === 0 ? '' : i}`, factor, dim, points }]));
  const [ofRows, ofColumns] = [slabsOf(rows, 'rows', m, block.rows), slabsOf(columns, 'columns', n, block.columns)];
  const products = factors.flatMap((f) => {
    const [row, column] = [ofRows.get(f.row.key), ofColumns.get(f.column.key)];
    return row === undefined || column === undefined ? [] : [{ row, column }];
  });
  return { block, range, m, n, products, slabs: [...ofRows.values(), ...ofColumns.values()] };
}

const localsOf = ({ slabs, products, block }: Parts): readonly LocalArray[] => [
  ...slabs.map(({ name, points }): LocalArray =>
    ({ name, type: 'f32', size: slabSize(block, points), ...(block.byFours ? { fours: true } : {}) })),
  ...products.map((_, i): LocalArray =>
    ({ name: totalsName(i), type: 'f32', size: block.lanes * block.ownRows * block.ownColumns, dealt: 1 })),
];

const totalsName = (product: number): string => `local:sums${product}`;

/** Where a lane keeps its totals of a product, row by row. */
const ownTotals = (product: number, { lanes, ownRows, ownColumns }: SlabBlock) =>
  Array.from({ length: ownRows * ownColumns }, (_, i) =>
    ({ kind: 'store', buffer: totalsName(product), index: iadd(LANE, constI(i * lanes)) } as const));

/** Offsets in the block of a lane's rows and columns: neighbouring lanes have neighbouring columns. */
const rowOf = ({ lanes, across }: SlabBlock, row: Expr): Expr => iadd(idiv(LANE, across), imul(row, lanes / across));
const columnOf = ({ across }: SlabBlock, column: Expr): Expr => iadd(imod(LANE, across), imul(column, across));

/** A lane adds up its products of what the slabs hold, and adds that to its totals: short sums lose fewer digits. */
function addedUp({ block, range: { extent }, products }: Parts): readonly Stmt[] {
  const { depth, ownColumns, byFours } = block;
  const entry = (slab: Slab, point: Expr): Expr => load(slab.name, placeIn(slab, block, point, DEEP), 'f32');
  const own = products.flatMap(({ row, column }, p) => ownTotals(p, block).map((total, i) => ({
    total, value: op('mul', [
      entry(row, rowOf(block, constI(Math.floor(i / ownColumns)))),
      entry(column, columnOf(block, constI(i % ownColumns))),
    ]),
  })));
  const totals = own.map(({ value }, i): Total =>
    ({ v: variable(`_total${i}`, Infinity, 'f32'), monoid: 'sum', value }));
  const count = extent.kind === 'const' && extent.value % depth === 0 ? constI(depth)
    : intExpr('min', constI(depth), iadd(extent, imul(SLAB, -depth)));
  return [
    { kind: 'fold', loop: { ...serialLoop(DEEP, count), vector: byFours ? LANES : 1, chains: 1 }, totals },
    ...own.map(({ total }, i): Stmt =>
      ({ ...total, value: op('add', [load(total.buffer, total.index, 'f32'), totals[i].v]) })),
  ];
}

/** A lane stores its block, in a loop, so that what follows the totals is written (and compiled) once. */
function epilogue(piece: FormedPiece, form: ContractForm, { block, m, n, products }: Parts): readonly Stmt[] {
  const { ownRows, ownColumns, rows, columns } = block;
  const name = (product: number): string => `local:totals${product}`;
  const arrays = products.map((_, p): Stmt => ({
    kind: 'array', name: name(p), values: ownTotals(p, block).map((t) => load(t.buffer, t.index, 'f32')),
  }));
  const [row, column] = [rowOf(block, ROW), columnOf(block, COLUMN)];
  const at = new Map([[m.v.name, iadd(m.v, row)], [n.v.name, iadd(n.v, column)]]);
  const known = new Map(form.reductions.map((r, p) =>
    [r.key, load(name(p), iadd(imul(ROW, ownColumns), COLUMN), 'f32')]));
  const stores = piece.stores.map((s): Stmt => ({
    kind: 'store', buffer: s.buffer, index: substitute(s.index, at),
    value: substitute(replaceByKey(s.value, known), at),
  }));
  const body = guarded(m, rows, row, guarded(n, columns, column, stores));
  return [...arrays, serial(ROW, ownRows, [serial(COLUMN, ownColumns, body)])];
}
