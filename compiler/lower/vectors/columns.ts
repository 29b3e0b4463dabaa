import { constI, variable } from '../../expr/expr.ts';
import { iadd, imul } from '../../expr/int.ts';
import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim } from '../../fuse/piece.ts';
import type { LoopNest, Stmt } from '../../loop/ir.ts';
import type { Profile } from '../../loop/schedule.ts';
import { laneLoop, sizeMax } from '../common.ts';
import { LANES } from '../strides.ts';
import { ResultBlock } from './block.ts';
import { blockBeside, type BlockSizes } from './sizes.ts';

/** Vectors along a dimension of the result: two of them at a time while they last, then what remains. */
export function alongColumns(
  piece: FormedPiece, form: ContractForm, name: string, column: Dim, profile: Profile,
): LoopNest {
  const sizes = blockBeside(piece, form, column, profile.vectors);
  const pairs = column.extent.kind === 'const' ? Math.floor(column.extent.value / (2 * LANES)) : 0;
  const rest = column.extent.kind !== 'const' || column.extent.value > pairs * 2 * LANES;
  const body = [
    ...(pairs > 0 ? [inPairs(piece, form, column, sizes, pairs, profile)] : []),
    ...(rest ? [fromOn(piece, form, column, sizes, pairs * 2 * LANES, profile)] : []),
  ];
  return new ResultBlock(piece, form, sizes).nest(name, body, column);
}

/** Two vectors of columns for each turn, so that what does not vary with the column is loaded once for both. */
function inPairs(
  piece: FormedPiece, form: ContractForm, column: Dim, sizes: BlockSizes, pairs: number, profile: Profile,
): Stmt {
  const pair = variable(`_${column.v.name}_pair`, pairs);
  const lane = variable(`_${column.v.name}_lane`, LANES);
  const block = new ResultBlock(piece, form, new Map([...sizes, [column, 2]]), {
    apart: new Map([[column, LANES]]),
    base: new Map([[column.v.name, iadd(imul(pair, 2 * LANES), lane)]]),
  });
  const vector: Stmt = {
    kind: 'loop', loop: laneLoop({ v: lane, extent: constI(LANES) }, profile), body: [block.fold(1), ...block.stores()],
  };
  return { kind: 'loop', loop: { v: pair, extent: constI(pairs), tag: 'serial', vector: 1 }, body: [vector] };
}

/** One vector of columns for each turn, from a column on. */
function fromOn(
  piece: FormedPiece, form: ContractForm, column: Dim, sizes: BlockSizes, done: number, profile: Profile,
): Stmt {
  const v = done === 0 ? column.v : variable(`_${column.v.name}_rest`, sizeMax(column) - done);
  const extent = done === 0 ? column.extent : constI(sizeMax(column) - done);
  const base = done === 0 ? new Map() : new Map([[column.v.name, iadd(v, constI(done))]]);
  const block = new ResultBlock(piece, form, sizes, { base });
  return { kind: 'loop', loop: laneLoop({ v, extent }, profile), body: [block.fold(1), ...block.stores()] };
}
