import type { Node } from '../../dsl/node.ts';
import { formOf, type Form } from './form.ts';
import { loadsOf, piecesOf, type Piece } from './piece.ts';
import { workOf } from './work.ts';

export interface FormedPiece extends Piece {
  readonly form: Form;
}

/**
 * What computes a stored value, whichever values it loads: the graph from that value down to stored ones, in whose
 * places stand inputs that are numbered as they are met. Values of one kind (those of equal layers) have one kernel, so
 * whatever is asked of a kind is found out once.
 */
export class Kind {
  readonly root: Node;
  #pieces: readonly Piece[] | undefined;
  #formed: readonly FormedPiece[] | 'none' | undefined;
  #work: number | undefined;
  #buffers: number | undefined;

  constructor(root: Node) {
    this.root = root;
  }

  /** Its pieces, whose loads and stores name the inputs and the root. */
  get pieces(): readonly Piece[] {
    this.#pieces ??= piecesOf(this.root, { has: (n) => n.kind === 'input', memo: new Map() });
    return this.#pieces;
  }

  /** The pieces with their forms; undefined where one has none, so that this is no kernel. */
  get formed(): readonly FormedPiece[] | undefined {
    this.#formed ??= formedPieces(this.pieces) ?? 'none';
    return this.#formed === 'none' ? undefined : this.#formed;
  }

  get work(): number {
    this.#work ??= this.pieces.reduce((n, p) => n + workOf(p), 0);
    return this.#work;
  }

  /** Most buffers that one piece binds. */
  get buffers(): number {
    this.#buffers ??= Math.max(...this.pieces.map(buffersOf));
    return this.#buffers;
  }
}

const buffersOf = (p: Piece): number => loadsOf(p).size + new Set(p.stores.map((s) => s.buffer)).size;

function formedPieces(pieces: readonly Piece[]): readonly FormedPiece[] | undefined {
  const formed: FormedPiece[] = [];
  for (const p of pieces) {
    const form = formOf(p);
    if (form === undefined) return undefined;
    formed.push({ ...p, form });
  }
  return formed;
}
