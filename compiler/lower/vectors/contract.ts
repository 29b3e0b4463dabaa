import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { LoopNest } from '../../loop/ir.ts';
import type { Profile } from '../../loop/schedule.ts';
import { rangeRuns, vectorDim } from '../../fuse/strides.ts';
import { ResultBlock } from './block.ts';
import { alongColumns } from './columns.ts';
import { alongPackedColumns } from './packed.ts';
import { alongRange } from './range.ts';
import { blockOf } from './sizes.ts';

/**
 * Contractions with vectors of four: along the range where both operands lie side by side there (rows of a weight), else
 * along a dimension of the result (columns of a matrix). In both cases a cell computes a block of results, so that what
 * it loads is used several times.
 */
export function lowerContract(piece: FormedPiece, form: ContractForm, name: string, profile: Profile): LoopNest {
  if (form.reductions.every((r) => rangeRuns([r.body], r))) return alongRange(piece, form, name, profile);
  const column = vectorDim(piece.domain, piece.stores);
  if (column !== undefined && form.reductions.some((r) => r.free.has(column.v.name))) {
    return alongPackedColumns(piece, form, name, column, profile)
      ?? alongColumns(piece, form, name, column, profile);
  }
  const block = new ResultBlock(piece, form, blockOf(piece, form, profile.vectors));
  return block.nest(name, [block.fold(1), ...block.stores()]);
}
