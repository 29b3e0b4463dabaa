import { constF, constI, op, variable } from '../../expr/expr.ts';
import { iadd, stride, upper } from '../../expr/int.ts';
import { replaceByKey } from '../../expr/rewrite.ts';
import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim } from '../../fuse/piece.ts';
import type { LoopNest } from '../../loop/ir.ts';
import type { Profile } from '../../loop/schedule.ts';
import { gathersNothing, LANES, loadsIn } from '../strides.ts';
import { ResultBlock } from './block.ts';
import { blockOf } from './sizes.ts';

/** Vectors along the range. What follows the totals runs over vectors too where its results lie side by side. */
export function alongRange(piece: FormedPiece, form: ContractForm, name: string, { vectors }: Profile): LoopNest {
  const sizes = blockOf(piece, form, vectors);
  const block = new ResultBlock(piece, form, sizes);
  const columns = [...sizes.keys()].at(-1);
  if (columns === undefined) return block.nest(name, [block.fold(LANES), ...block.stores()]);
  const whole = (sizes.get(columns) ?? 1) % LANES === 0 && endsAlong(piece, form, columns);
  const ends = whole ? block.storesAlong(columns) : block.stores();
  return columnsOutside(block.nest(name, [block.fold(LANES), ...ends]), form, columns, vectors.chunk);
}

/** Whether what is done with the totals loads and stores side by side along a dimension. */
function endsAlong(piece: FormedPiece, form: ContractForm, d: Dim): boolean {
  const totals = new Map(form.reductions.map((r) => [r.key, constF(0)]));
  return gathersNothing(piece.stores.map((s) => replaceByKey(s.value, totals)), d.v.name) &&
    piece.stores.every((s) => stride(s.index, d.v.name)?.factor === 1);
}

/**
 * The grid with the columns outside what their operand does not vary with, so that its rows stay near while all that
 * they are multiplied with streams by, a chunk at a time that the second cache holds: a weight is read from memory once
 * for each chunk of a prompt.
 */
function columnsOutside(nest: LoopNest, form: ContractForm, columns: Dim, chunk: number): LoopNest {
  const own = form.reductions.flatMap((r) => loadsIn(r.body)).filter((l) => l.index.free.has(columns.v.name));
  const ahead = nest.grid.filter((g) => own.some((l) => l.index.free.has(g.v.name)));
  const inner = nest.grid.filter((g) => !ahead.includes(g));
  const last = inner.at(-1);
  if (last === undefined || upper(last.extent) <= chunk) return { ...nest, grid: [...ahead, ...inner] };
  const rows = Math.ceil(chunk / last.step) * last.step;
  const start = variable(`_${last.v.name}_chunk`, upper(last.extent));
  const within = variable(`_${last.v.name}_within`, rows);
  return {
    ...nest,
    grid: [
      ...inner.slice(0, -1),
      { v: start, extent: last.extent, step: rows },
      ...ahead,
      { v: within, extent: constI(rows), step: last.step },
    ],
    body: [
      { kind: 'let', v: last.v, value: iadd(start, within) },
      { kind: 'guard', condition: op('lt', [last.v, last.extent]), body: nest.body },
    ],
  };
}
