import { childrenOf, type Expr } from '../expr/expr.ts';
import { expressionsOf } from '../loop/expressions.ts';
import type { Stmt } from '../loop/ir.ts';

/** What an emitter must know of the statements of a nest before it writes them. */
export class Uses {
  readonly #counts = new Map<string, number>();
  readonly #mutable = new Set<string>();
  readonly #memory: ReadonlySet<string>;

  /** @param memory names of buffers that the nest itself writes and reads again */
  constructor(body: readonly Stmt[], memory: ReadonlySet<string>) {
    this.#memory = memory;
    this.#findMutable(body);
    this.#countStatements(body);
  }

  /** Whether an expression stands in several places. */
  isRepeated(e: Expr): boolean {
    return (this.#counts.get(e.key) ?? 0) > 1;
  }

  /** Values that a statement may change: local memory and assigned scalars are read where they are used. */
  isVolatile(e: Expr): boolean {
    if (e.kind === 'load' && this.#memory.has(e.buffer)) return true;
    for (const name of e.free) if (this.#mutable.has(name)) return true;
    return childrenOf(e).some((x) => this.isVolatile(x));
  }

  #findMutable(body: readonly Stmt[]): void {
    for (const s of body) {
      if (s.kind === 'state') this.#mutable.add(s.v.name);
      if (s.kind === 'loop' || s.kind === 'guard') this.#findMutable(s.body);
    }
  }

  #countStatements(body: readonly Stmt[]): void {
    for (const s of body) {
      for (const e of expressionsOf(s)) this.#count(e);
      if (s.kind === 'loop' || s.kind === 'guard') this.#countStatements(s.body);
    }
  }

  #count(e: Expr): void {
    const n = (this.#counts.get(e.key) ?? 0) + 1;
    this.#counts.set(e.key, n);
    // What may have changed is written again wherever it stands, and with it all that it is made of.
    if (n === 1 || this.isVolatile(e)) childrenOf(e).forEach((x) => this.#count(x));
  }
}
