import { constI, type Expr } from '../../expr/expr.ts';
import { iadd, idiv, imod, imul, termsOf, type Term } from '../../expr/int.ts';
import type { Loop } from '../../loop/ir.ts';

/*
 * Arrays whose entries are dealt to the lanes of a subgroup, `run` side by side to each in turn: entry i is in turn
 * i / (run · lanes), with lane (i / run) mod lanes, at place i mod run.
 */

/** Where an entry of a dealt array is. */
export interface DealtEntry {
  readonly turn: Expr;
  readonly place: Expr;
  /** Undefined where it is each lane's own. */
  readonly lane: Expr | undefined;
}

/** Turns of an array of so many entries. */
export const turnsOf = (size: number, run: number, lanes: number): number => Math.ceil(size / (run * lanes));

/** Variables that tell lanes apart: each has `step` times its lane's number as remainder of `step` times the lanes. */
export class LaneVariables {
  readonly #lanes: number;
  readonly #steps = new Map<string, { readonly step: number; readonly isAlone: boolean }>();

  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  /** A variable that is the lane's number. */
  bindLane(name: string): void {
    this.#steps.set(name, { step: 1, isAlone: true });
  }

  /** The variable of a loop: where lanes take its turns, it tells them apart. */
  bindLoop({ v, tag, vector }: Loop): void {
    if (tag === 'lane' && this.#lanes > 1) this.#steps.set(v.name, { step: vector, isAlone: false });
    else this.#steps.delete(v.name);
  }

  /** Where the entry at an index is. An index that is no lane's own is the same in all of them. */
  entryAt(index: Expr, run: 1 | 4): DealtEntry {
    const round = run * this.#lanes;
    const { constant, terms } = termsOf(index);
    const own = terms.filter((t) => this.#begin(t, run) !== undefined);
    const others = terms.filter((t) => !own.includes(t));
    const begin = own.length === 1 ? this.#begin(own[0], run) : undefined;
    const place = ((constant % round) + round) % round;
    const whole = others.filter((t) => t.factor % round === 0)
      .reduce<Expr>((sum, t) => iadd(sum, imul(t.atom, t.factor / round)), constI((constant - place) / round));
    if (begin === undefined || place >= run || others.some((t) => t.factor % round !== 0)) {
      const rest = iadd(index, imul(whole, -round));
      return { turn: iadd(whole, idiv(rest, round)), place: imod(rest, run), lane: imod(idiv(rest, run), this.#lanes) };
    }
    return { turn: iadd(begin, whole), place: constI(place), lane: undefined };
  }

  /** The turns that a variable has behind it where it tells lanes apart as entries are dealt; undefined where not. */
  #begin({ atom, factor }: Term, run: number): Expr | undefined {
    const known = atom.kind === 'var' ? this.#steps.get(atom.name) : undefined;
    if (known === undefined || known.step * factor !== run) return undefined;
    return known.isAlone ? constI(0) : idiv(atom, run * this.#lanes / factor);
  }
}
