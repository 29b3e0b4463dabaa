import type { Expr } from '../../expr/expr.ts';
import type { Loop, Total } from '../../loop/ir.ts';
import type { Locals } from './locals.ts';
import { shuffled } from './operators.ts';
import type { Scope } from './scope.ts';
import { local, value, type Value } from './value.ts';
import { totalName, wholeOf, type Phase, type Turn, type Writer } from './writer.ts';

/** Writes folds whose sums are taken in f64. */
export class ExactFolds {
  readonly #write: Writer;
  readonly #locals: Locals;

  constructor(write: Writer, locals: Locals) {
    this.#write = write;
    this.#locals = locals;
  }

  /** Sums in f64, in which products of f32 are exact and sums of them nearly so. */
  fold(loop: Loop, totals: readonly Total[], scope: Scope): void {
    const across = totals.map((t) => scope.isWide(t.value.free));
    totals.forEach((t, i) => this.#clear(t, wholeOf(loop) !== 0 || across[i], scope));
    const vectors: readonly Phase[] = wholeOf(loop) === 0 ? [] : [{
      step: 4,
      turn: (inner) => totals.forEach((t) => this.#addExactly(t, inner, true)),
      after: () => totals.forEach((t) => this.#addHalves(t, scope)),
    }];
    const single: Turn = (inner) => totals.forEach((t, i) => this.#addExactly(t, inner, across[i]));
    this.#write.turns(loop, 'turn', scope, [...vectors, { step: 1, turn: single }]);
    totals.forEach((t, i) => this.#round(t, across[i], scope));
  }

  #clear(t: Total, wide: boolean, scope: Scope): void {
    for (const half of halvesOf(t, wide)) {
      this.#locals.declare(half, wide ? 'v128' : 'f64');
      scope.line(`(local.set $${half} ${wide ? '(v128.const f64x2 0 0)' : '(f64.const 0)'})`);
    }
  }

  /** The total so far of a range that was taken four at a time. */
  #addHalves(t: Total, scope: Scope): void {
    const [low, high] = halvesOf(t, true);
    const [total] = halvesOf(t, false);
    this.#locals.declare(total, 'f64');
    const pair = this.#locals.fresh('pair', 'v128');
    scope.line(`(local.set $${pair} (f64x2.add ${local(low)} ${local(high)}))`);
    const [a, b] = [0, 1].map((i) => `(f64x2.extract_lane ${i} ${local(pair)})`);
    scope.line(`(local.set $${total} (f64.add ${a} ${b}))`);
  }

  #round(t: Total, wide: boolean, scope: Scope): void {
    const [low, high] = halvesOf(t, wide);
    const total = wide ? demoted(low, high) : value('f32', `(f32.demote_f64 ${local(low)})`);
    this.#write.assign(scope, totalName(t.v.name, wide), total);
    scope.bind(t.v.name, wide);
  }

  #addExactly(t: Total, scope: Scope, wide: boolean): void {
    const factors = factorsOf(t.value);
    const [low, high] = halvesOf(t, wide);
    if (!wide) {
      const term = factors.map((x) => `(f64.promote_f32 ${this.#write.expr(x, scope).code})`)
        .reduce((a, b) => `(f64.mul ${a} ${b})`);
      scope.line(`(local.set $${low} (f64.add ${local(low)} ${term}))`);
      return;
    }
    const four = factors.map((x) => this.#write.held(this.#write.widened(x, scope), scope).code);
    for (const [half, part] of [[low, promotedLow], [high, promotedHigh]] as const) {
      const term = four.map(part).reduce((a, b) => `(f64x2.mul ${a} ${b})`);
      scope.line(`(local.set $${half} (f64x2.add ${local(half)} ${term}))`);
    }
  }
}

/** The factors of a term, or the term itself. */
const factorsOf = (e: Expr): readonly Expr[] => (e.kind === 'op' && e.op === 'mul' ? e.args : [e]);

const halvesOf = (t: Total, wide: boolean): readonly [string, string] =>
  (wide ? [`${t.v.name}.low`, `${t.v.name}.high`] : [`${t.v.name}.exact`, `${t.v.name}.exact`]);

const promotedLow = (x: string): string => `(f64x2.promote_low_f32x4 ${x})`;
const HIGH_FIRST = '8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7';
const promotedHigh = (x: string): string => promotedLow(`(i8x16.shuffle ${HIGH_FIRST} ${x} ${x})`);

/** Four totals as f32, from two vectors of two f64. */
function demoted(low: string, high: string): Value {
  const [a, b] = [low, high].map((name) => `(f32x4.demote_f64x2_zero ${local(name)})`);
  return shuffled('firstPairs', a, b);
}
