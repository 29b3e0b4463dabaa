import { constF, constI, intExpr, variable, type Expr } from '../../expr/expr.ts';
import { iadd, imul, stride, upper } from '../../expr/int.ts';
import { replaceByKey } from '../../expr/rewrite.ts';
import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim } from '../../fuse/piece.ts';
import type { GridDim, Loop, LoopNest, Stmt } from '../../loop/ir.ts';
import type { Profile, VectorHabits } from '../../loop/schedule.ts';
import { gathersNothing, LANES, loadsIn } from '../../fuse/strides.ts';
import { ResultBlock, type Fold } from './block.ts';
import { panelled } from './panel.ts';
import { blockOf } from './sizes.ts';

/** Vectors along the range. What follows the totals runs over vectors too where its results lie side by side. */
export function alongRange(piece: FormedPiece, form: ContractForm, name: string, { vectors }: Profile): LoopNest {
  const sizes = blockOf(piece, form, vectors);
  const block = new ResultBlock(piece, form, sizes);
  const columns = [...sizes.keys()].at(-1);
  if (columns === undefined) return block.nest(name, [block.fold(LANES), ...block.stores()]);
  const folds = sizes.size > 1 ? block.foldsApart(LANES) : foldsOfRows(block, vectors);
  const whole = (sizes.get(columns) ?? 1) % LANES === 0 && endsAlong(piece, form, columns);
  const ends = whole ? block.storesAlong(columns) : block.stores();
  return columnsOutside(block.nest(name, []), folds, ends, columns, vectors);
}

/**
 * Rows one after the other, each from its beginning to its end: that is what processors fetch ahead. Long rows are read
 * side by side, for what they are multiplied with would be fetched anew for each of them; and so are rows for which that
 * must be computed.
 */
function foldsOfRows(block: ResultBlock, { inTurn, chains }: VectorHabits): readonly Fold[] {
  const together = block.fold(LANES);
  const isRead = (e: Expr): boolean => e.kind === 'load' || (e.kind === 'op' && e.op === 'mul' && e.args.every(isRead));
  const readsAlone = together.totals.every((t) => t.monoid === 'sum' && isRead(t.value));
  return readsAlone && upper(together.loop.extent) <= inTurn ? block.foldsInTurn(LANES, chains) : [together];
}

/** Whether what is done with the totals loads and stores side by side along a dimension. */
function endsAlong(piece: FormedPiece, form: ContractForm, d: Dim): boolean {
  const totals = new Map(form.reductions.map((r) => [r.key, constF(0)]));
  return gathersNothing(piece.stores.map((s) => replaceByKey(s.value, totals)), d.v.name) &&
    piece.stores.every((s) => stride(s.index, d.v.name)?.factor === 1);
}

/**
 * The grid with the columns outside what their operand does not vary with: a cell takes some rows of a weight and passes
 * a chunk of what they are multiplied with, which the second cache holds, so that a weight is read from memory once for
 * each chunk of a prompt.
 */
function columnsOutside(
  nest: LoopNest, folds: readonly Fold[], ends: readonly Stmt[], columns: Dim, habits: VectorHabits,
): LoopNest {
  const loads = folds.flatMap((f) => f.totals.flatMap((t) => loadsIn(t.value)));
  const own = loads.filter((l) => l.index.free.has(columns.v.name));
  const ahead = nest.grid.filter((g) => own.some((l) => l.index.free.has(g.v.name)));
  const inner = nest.grid.filter((g) => !ahead.includes(g));
  const last = inner.at(-1);
  if (last === undefined) return { ...nest, body: [...folds, ...ends] };
  const blocks = Math.ceil(Math.min(habits.chunk, upper(last.extent)) / last.step);
  const start: GridDim = {
    v: variable(`_${last.v.name}_chunk`, upper(last.extent)), extent: last.extent, step: blocks * last.step,
  };
  const block = variable(`_${last.v.name}_block`, blocks);
  const loop: Loop = { v: block, extent: blocksFrom(start, last, blocks), tag: 'serial', vector: 1 };
  const panels = blocks >= habits.panelFrom ? panelled(folds, last.v.name) : undefined;
  const body: readonly Stmt[] = [
    { kind: 'let', v: last.v, value: iadd(start.v, imul(block, last.step)) }, ...(panels?.folds ?? folds), ...ends,
  ];
  return {
    ...nest,
    grid: [...inner.slice(0, -1), start, ...ahead],
    locals: panels?.memory ?? [],
    body: [...(panels?.fill ?? []), { kind: 'loop', loop, body }],
  };
}

/** How many blocks of a chunk begin inside the dimension. */
function blocksFrom(start: GridDim, { extent, step }: GridDim, blocks: number): Expr {
  if (extent.kind === 'const' && extent.value % start.step === 0) return constI(blocks);
  const left = iadd(iadd(extent, imul(start.v, -1)), constI(step - 1));
  return intExpr('min', constI(blocks), intExpr('div', left, constI(step)));
}
