import { constI, type Expr } from '../../expr/expr.ts';
import { iadd } from '../../expr/int.ts';
import { substitute } from '../../expr/rewrite.ts';
import type { Loop, Total } from '../../loop/ir.ts';
import { ExactFolds } from './exact-folds.ts';
import { integerPhases } from './integer-folds.ts';
import type { Locals } from './locals.ts';
import { combined, reduceLanes, shuffled, unitOf } from './operators.ts';
import type { Scope } from './scope.ts';
import { instruction, local, splat, value } from './value.ts';
import { chainsOf, totalName, wholeOf, type Phase, type Turn, type Writer } from './writer.ts';

/** Writes folds: totals over a loop, in one or in four lanes. */
export class Folds {
  readonly #write: Writer;
  readonly #locals: Locals;
  readonly #fused: boolean;
  readonly #exact: ExactFolds;
  /** Vectors that hold four totals side by side, by the totals' keys. */
  readonly #beside = new Map<string, string>();

  /** @param fused whether vectors may multiply and add in one instruction */
  constructor(write: Writer, locals: Locals, fused: boolean) {
    this.#write = write;
    this.#locals = locals;
    this.#fused = fused;
    this.#exact = new ExactFolds(write, locals);
  }

  /** The local that holds four totals side by side, where they were added up so. */
  beside(totals: readonly Expr[]): string | undefined {
    return this.#beside.get(totals.map((v) => v.key).join(' '));
  }

  fold(loop: Loop, totals: readonly Total[], scope: Scope): void {
    if (totals[0].monoid === 'compensated') this.#exact.fold(loop, totals, scope);
    else if (loop.vector === 4) this.#foldVectors(loop, totals, scope);
    else this.#foldInOrder(loop, totals, scope);
  }

  /** Each total is one number, or four where it varies along a vector around the loop. */
  #foldInOrder(loop: Loop, totals: readonly Total[], scope: Scope): void {
    const wide = totals.map((t) => scope.isWide(t.value.free));
    totals.forEach((t, i) => {
      const unit = unitOf(t.monoid);
      this.#write.assign(scope, totalName(t.v.name, wide[i]), wide[i] ? splat(unit, 'f32') : unit);
    });
    const turn: Turn = (inner) => totals.forEach((t, i) => this.#accumulate(t, inner, wide[i]));
    this.#write.turns(loop, 'turn', scope, [{ step: 1, turn }]);
    totals.forEach((t, i) => scope.bind(t.v.name, wide[i]));
  }

  #accumulate(t: Total, scope: Scope, wide: boolean, name = totalName(t.v.name, wide)): void {
    const own = value(wide ? 'v128' : 'f32', local(name));
    if (wide && this.#fused && t.monoid === 'sum' && t.value.kind === 'op' && t.value.op === 'mul') {
      const factors = t.value.args.map((x) => this.#write.widened(x, scope));
      this.#write.assign(scope, name, instruction('v128', 'f32x4.relaxed_madd', ...factors, own));
      return;
    }
    const x = wide ? this.#write.widened(t.value, scope) : this.#write.expr(t.value, scope);
    this.#write.assign(scope, name, combined(t.monoid, own, x, wide));
  }

  /** Four partial totals for each total, over the range's vectors, then what remains, one by one. */
  #foldVectors(loop: Loop, totals: readonly Total[], scope: Scope): void {
    const phases = integerPhases(loop, totals, scope, this.#write) ?? this.#vectorPhases(loop, totals, scope);
    const last = phases.at(-1);
    if (last === undefined) for (const t of totals) this.#write.assign(scope, t.v.name, unitOf(t.monoid));
    const ended = phases.map((p): Phase => (p === last ? { ...p, after: () => this.#endVectors(p, totals, scope) } : p));
    const single: Turn = (inner) => totals.forEach((t) => this.#accumulate(t, inner, false));
    this.#write.turns(loop, 'turn', scope, [...ended, { step: 1, turn: single }]);
    // What remains of a range is added to each total alone.
    if (loop.extent.kind !== 'const' || loop.extent.value % (last?.step ?? 1) !== 0) this.#forgetBeside(totals);
    for (const t of totals) scope.bind(t.v.name);
  }

  #endVectors({ after }: Phase, totals: readonly Total[], scope: Scope): void {
    after?.();
    for (let i = 0; i < totals.length; i += 4) this.#reduceLanes(totals.slice(i, i + 4), scope);
  }

  /** As many partial totals as there are chains, of which none waits for another, and then one. */
  #vectorPhases(loop: Loop, totals: readonly Total[], scope: Scope): readonly Phase[] {
    if (wholeOf(loop) === 0) return [];
    const chains = chainsOf(loop, 4);
    for (const t of totals) {
      const unit = splat(unitOf(t.monoid), 'f32');
      for (let c = 0; c < chains; c++) this.#write.assign(scope, chainName(t, c), unit);
    }
    const vectors: Phase = { step: 4, turn: (inner) => totals.forEach((t) => this.#accumulate(t, inner, true)) };
    if (chains === 1) return [vectors];
    return [{
      step: 4 * chains,
      turn: (inner) => totals.forEach((t) => this.#accumulateChains(loop, t, chains, inner)),
      after: () => totals.forEach((t) => this.#joinChains(t, chains, scope)),
    }, vectors];
  }

  #accumulateChains({ v }: Loop, t: Total, chains: number, scope: Scope): void {
    for (let c = 0; c < chains; c++) {
      const value = substitute(t.value, new Map([[v.name, iadd(v, constI(4 * c))]]));
      this.#accumulate({ ...t, value }, scope, true, chainName(t, c));
    }
  }

  #joinChains(t: Total, chains: number, scope: Scope): void {
    const parts = Array.from({ length: chains }, (_, c) => value('v128', local(chainName(t, c))));
    this.#write.assign(scope, chainName(t, 0), parts.reduce((a, b) => combined(t.monoid, a, b, true)));
  }

  #forgetBeside(totals: readonly Total[]): void {
    for (let i = 0; i < totals.length; i += 4) this.#beside.delete(besideKey(totals.slice(i, i + 4)));
  }

  /** The totals of their lanes. Four of them at once take a third of the instructions that one after the other take. */
  #reduceLanes(totals: readonly Total[], scope: Scope): void {
    const wide = totals.map((t) => totalName(t.v.name, true));
    const [{ monoid }] = totals;
    if (totals.length < 4 || totals.some((t) => t.monoid !== monoid)) {
      totals.forEach((t, i) => this.#write.assign(scope, t.v.name, reduceLanes(t.monoid, wide[i])));
      return;
    }
    const sums = this.#locals.fresh('sums', 'v128');
    const pairs = [wide.slice(0, 2), wide.slice(2)].map(([a, b]) => this.#write.held(
      combined(monoid, shuffled('firstHalves', local(a), local(b)), shuffled('secondHalves', local(a), local(b)), true),
      scope,
    ).code);
    const [ab, cd] = pairs;
    const four = combined(monoid, shuffled('firstPairs', ab, cd), shuffled('secondPairs', ab, cd), true);
    scope.line(`(local.set $${sums} ${four.code})`);
    totals.forEach((t, i) =>
      this.#write.assign(scope, t.v.name, value('f32', `(f32x4.extract_lane ${i} ${local(sums)})`)));
    this.#beside.set(besideKey(totals), sums);
  }
}

const chainName = (t: Total, chain: number): string => (chain === 0 ? `${t.v.name}.v` : `${t.v.name}.v${chain}`);

const besideKey = (totals: readonly Total[]): string => totals.map((t) => t.v.key).join(' ');
