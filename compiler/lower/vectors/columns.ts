import { constI, variable } from '../../expr/expr.ts';
import { iadd, imul } from '../../expr/int.ts';
import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim } from '../../fuse/piece.ts';
import type { LoopNest, Stmt } from '../../loop/ir.ts';
import type { Profile } from '../../loop/schedule.ts';
import { laneLoop, sizeMax } from '../common.ts';
import { LANES } from '../../fuse/strides.ts';
import { ResultBlock, type BlockOptions } from './block.ts';
import { blockBeside, type BlockSizes } from './sizes.ts';

/** Vectors along a dimension of the result. */
export function alongColumns(
  piece: FormedPiece, form: ContractForm, name: string, column: Dim, profile: Profile,
): LoopNest {
  const sizes = blockBeside(piece, form, column, profile.vectors);
  return new ResultBlock(piece, form, sizes).nest(name, columnLoops(piece, form, column, sizes, profile), column);
}

/** The results of a block of rows in all columns: two vectors of them at a time while they last, then what remains. */
export function columnLoops(
  piece: FormedPiece, form: ContractForm, column: Dim, sizes: BlockSizes, profile: Profile, options: BlockOptions = {},
): readonly Stmt[] {
  const pairs = column.extent.kind === 'const' ? Math.floor(column.extent.value / (2 * LANES)) : 0;
  const rest = column.extent.kind !== 'const' || column.extent.value > pairs * 2 * LANES;
  const vectors = new Vectors(piece, form, column, sizes, profile, options);
  return [...(pairs > 0 ? [vectors.inPairs(pairs)] : []), ...(rest ? [vectors.from(pairs * 2 * LANES)] : [])];
}

/** Loops over vectors of columns. */
class Vectors {
  readonly #piece: FormedPiece;
  readonly #form: ContractForm;
  readonly #column: Dim;
  readonly #sizes: BlockSizes;
  readonly #profile: Profile;
  readonly #options: BlockOptions;

  constructor(
    piece: FormedPiece, form: ContractForm, column: Dim, sizes: BlockSizes, profile: Profile, options: BlockOptions,
  ) {
    this.#piece = piece;
    this.#form = form;
    this.#column = column;
    this.#sizes = sizes;
    this.#profile = profile;
    this.#options = options;
  }

  /** Two vectors of columns for each turn, so that what does not vary with the column is loaded once for both. */
  inPairs(pairs: number): Stmt {
    const { name } = this.#column.v;
    const pair = variable(`_${name}_pair`, pairs);
    const lane = variable(`_${name}_lane`, LANES);
    const vector = this.#loop({ v: lane, extent: constI(LANES) }, new Map([...this.#sizes, [this.#column, 2]]), {
      apart: new Map([[this.#column, LANES]]), base: new Map([[name, iadd(imul(pair, 2 * LANES), lane)]]),
    });
    return { kind: 'loop', loop: { v: pair, extent: constI(pairs), tag: 'serial', vector: 1 }, body: [vector] };
  }

  /** One vector of columns for each turn, from a column on. */
  from(done: number): Stmt {
    const { v, extent } = this.#column;
    if (done === 0) return this.#loop({ v, extent }, this.#sizes, {});
    const left = sizeMax(this.#column) - done;
    const rest = variable(`_${v.name}_rest`, left);
    return this.#loop({ v: rest, extent: constI(left) }, this.#sizes, { base: new Map([[v.name, iadd(rest, constI(done))]]) });
  }

  #loop(columns: Dim, sizes: BlockSizes, options: BlockOptions): Stmt {
    const block = new ResultBlock(this.#piece, this.#form, sizes, {
      ...this.#options, ...options, base: new Map([...this.#options.base ?? [], ...options.base ?? []]),
    });
    return { kind: 'loop', loop: laneLoop(columns, this.#profile), body: [block.fold(1), ...block.stores()] };
  }
}
