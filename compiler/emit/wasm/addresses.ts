import type { Expr } from '../../expr/expr.ts';
import { isLaneOf, termsOf, type Term } from '../../expr/int.ts';
import { STORED_BYTES } from '../../program.ts';
import type { Uses } from '../uses.ts';
import type { Locals, Slot } from './locals.ts';
import type { Scope } from './scope.ts';
import { i32, local, type Value } from './value.ts';

/** Writes where the elements of stored values lie. */
export class Addresses {
  readonly #uses: Uses;
  readonly #locals: Locals;
  readonly #expr: (e: Expr, scope: Scope) => Value;

  /** @param expr writes an index */
  constructor(uses: Uses, locals: Locals, expr: (e: Expr, scope: Scope) => Value) {
    this.#uses = uses;
    this.#locals = locals;
    this.#expr = expr;
  }

  /**
   * `offset=… address` of an element. The address is the sum of what each block around adds to it, so that a loop adds
   * only what changes in it; constants go into the instruction.
   */
  of(slot: Slot, index: Expr, scope: Scope): string {
    const { constant, terms } = termsOf(index);
    const width = STORED_BYTES[slot.storage];
    const offset = slot.offset + constant * width;
    const levels = new Map<Scope, Term[]>();
    const homeOf = ({ atom }: Term): Scope => (this.#uses.isVolatile(atom) ? scope : scope.home(atom.free));
    const homes = terms.filter((t) => !this.#startsAtZero(t.atom, scope)).map((t) => ({ t, home: homeOf(t) }));
    for (const { t, home } of homes.sort((a, b) => a.home.depth - b.home.depth)) {
      levels.set(home, [...(levels.get(home) ?? []), t]);
    }
    let key = `@${slot.pointer}`;
    let code = local(slot.pointer);
    for (const [home, own] of levels) {
      for (const t of own) {
        key += `+${t.factor * width}*${t.atom.key}`;
        code = `(i32.add ${code} ${this.#multiple(t, width, home)})`;
      }
      code = own.some((t) => this.#uses.isVolatile(t.atom)) ? code : this.#kept(key, code, home);
    }
    if (offset >= 0) return offset === 0 ? code : `offset=${offset} ${code}`;
    return `(i32.add ${code} ${i32(offset)})`;
  }

  /** Places within a vector: the first of them is 0. */
  #startsAtZero(atom: Expr, scope: Scope): boolean {
    return [...atom.free].some((name) => isLaneOf(atom, name) && scope.widthOf(name));
  }

  /** Bytes that a term of an index adds to an address. */
  #multiple({ atom, factor }: Term, width: number, scope: Scope): string {
    const by = factor * width;
    const start = atom.kind === 'var' && scope.isWide(atom.free) ? local(atom.name) : this.#expr(atom, scope).code;
    return by === 1 ? start : by === 4 ? `(i32.shl ${start} ${i32(2)})` : `(i32.mul ${start} ${i32(by)})`;
  }

  /** Keeps an i32 in a local of the block it belongs to. */
  #kept(key: string, code: string, home: Scope): string {
    const known = home.known(key);
    if (known !== undefined) return local(known);
    const name = this.#locals.fresh('at', 'i32');
    home.line(`(local.set $${name} ${code})`);
    home.remember(key, name);
    return local(name);
  }
}
