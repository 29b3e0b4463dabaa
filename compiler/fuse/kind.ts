import type { Node } from '../../dsl/node.ts';
import { chainForm, type ChainForm } from './chain.ts';
import { formOf, type Form } from './form.ts';
import { loadsOf, piecesOf, type Piece } from './piece.ts';
import { slownessInVectors } from './vectors.ts';
import { workOf } from './work.ts';

export interface FormedPiece extends Piece {
  readonly form: Form | ChainForm;
}

/**
 * What computes a stored value, whichever values it loads: the graph from that value down to stored ones, in whose
 * places stand inputs that are numbered as they are met. Values of one kind (those of equal layers) have one kernel, so
 * whatever is asked of a kind is found out once.
 */
export class Kind {
  readonly root: Node;
  /** Values on the way that a cell keeps for itself, each before those that are computed from it. */
  readonly held: readonly Node[];
  #pieces: readonly Piece[] | undefined;
  #formed: readonly FormedPiece[] | 'none' | undefined;
  #work: number | undefined;
  #workInVectors: number | undefined;
  #buffers: number | undefined;

  constructor(root: Node, held: readonly Node[] = []) {
    this.root = root;
    this.held = held;
  }

  /** Its pieces, whose loads and stores name the inputs, what is held, and the root. */
  get pieces(): readonly Piece[] {
    const held = new Set(this.held.map((n) => n.key));
    const has = (n: Node): boolean => n.kind === 'input' || held.has(n.key);
    this.#pieces ??= [...this.held, this.root].flatMap((n) => piecesOf(n, { has, memo: new Map() }));
    return this.#pieces;
  }

  /** Names of the inputs that it loads. */
  get loads(): ReadonlySet<string> {
    const held = new Set(this.held.map((n) => n.key));
    return new Set(this.pieces.flatMap((p) => [...loadsOf(p)]).filter((name) => !held.has(name)));
  }

  /** The pieces with their forms; undefined where one has none, so that this is no kernel. */
  get formed(): readonly FormedPiece[] | undefined {
    this.#formed ??= (this.held.length > 0 ? chained(this.pieces) : formedPieces(this.pieces)) ?? 'none';
    return this.#formed === 'none' ? undefined : this.#formed;
  }

  get work(): number {
    this.#work ??= this.pieces.reduce((n, p) => n + workOf(p), 0);
    return this.#work;
  }

  /** The same where vectors of four do it. */
  get workInVectors(): number {
    this.#workInVectors ??= (this.formed ?? []).reduce((n, p) => n + slownessInVectors(p) * workOf(p), 0);
    return this.#workInVectors;
  }

  /** Most buffers that one piece binds. */
  get buffers(): number {
    this.#buffers ??= Math.max(...this.pieces.map(buffersOf));
    return this.#buffers;
  }
}

const buffersOf = (p: Piece): number => loadsOf(p).size + new Set(p.stores.map((s) => s.buffer)).size;

/** What is held, and what is made of it, as one piece. */
function chained(pieces: readonly Piece[]): readonly FormedPiece[] | undefined {
  const [form, last] = [chainForm(pieces), pieces.at(-1)];
  return form === undefined || last === undefined ? undefined : [{ ...last, form }];
}

function formedPieces(pieces: readonly Piece[]): readonly FormedPiece[] | undefined {
  const formed: FormedPiece[] = [];
  for (const p of pieces) {
    const form = formOf(p);
    if (form === undefined) return undefined;
    formed.push({ ...p, form });
  }
  return formed;
}
