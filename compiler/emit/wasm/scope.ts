import { Block, type BlockKind } from '../block.ts';

/** A block of WebAssembly. Locals belong to the function, so a block only says when they are set. */
export class Scope extends Block<Scope> {
  constructor(kind: BlockKind = 'root', parent?: Scope) {
    super(kind, parent);
  }

  protected self(): Scope {
    return this;
  }

  child(kind: BlockKind): Scope {
    return new Scope(kind, this);
  }

  /** Puts finished lines into this block, one step further in. */
  nest(head: string, inner: readonly string[], tail: string): void {
    this.line(head, ...inner.map((l) => `  ${l}`), tail);
  }
}
