import type { Monoid } from '../../../dsl/node.ts';
import { constF, constI, variable, type Expr } from '../../expr/expr.ts';
import { substitute } from '../../expr/rewrite.ts';
import type { Fold, Loop, Spread, Total } from '../../loop/ir.ts';
import { remainderOf } from '../../lower/common.ts';
import type { LaneVariables } from './dealt.ts';
import type { VariableNames } from './names.ts';
import type { Needs } from './needs.ts';
import { combined, UNIT, within, type Text } from './operators.ts';
import type { Scope } from './scope.ts';
import { OWN_LANE } from './statements.ts';

/** What folds need of the one who writes the statements around them. */
export interface FoldWriter {
  readonly expr: (e: Expr, scope: Scope) => Text;
  /** The expression for four values of the loop that is taken four at a time. */
  readonly widened: (e: Expr, scope: Scope) => Text;
  /** The beginning of a loop's statement. @param from where the loop begins */
  readonly header: (loop: Loop, scope: Scope, from: number) => string;
  /** The WGSL name of a nest's array. */
  readonly arrayName: (name: string) => string;
}

export interface FoldContext {
  readonly write: FoldWriter;
  /** Lanes of a cell. */
  readonly lanes: number;
  readonly variables: LaneVariables;
  readonly names: VariableNames;
  readonly needs: Needs;
}

/** Writes totals over a loop, by one lane or by all of a cell. */
export class Folds {
  readonly #write: FoldWriter;
  readonly #lanes: number;
  readonly #variables: LaneVariables;
  readonly #names: VariableNames;
  readonly #needs: Needs;

  constructor({ write, lanes, variables, names, needs }: FoldContext) {
    this.#write = write;
    this.#lanes = lanes;
    this.#variables = variables;
    this.#names = names;
    this.#needs = needs;
  }

  /** A fold; where its totals are dealt, they lie in arrays afterwards, else in variables of their names. */
  fold({ loop: all, totals, spreads = [], dealtTo }: Fold, scope: Scope): void {
    const remainder = remainderOf(all) ?? 0;
    const whole = all.extent.kind === 'const' ? all.extent.value - remainder : 0;
    const loop = remainder === 0 ? all : { ...all, extent: constI(whole) };
    // Totals that are dealt are many: a number each, so that they stay in registers.
    const wide = loop.vector === 4 && loop.tag === 'lane' && dealtTo === undefined;
    const shared = loop.tag === 'lane' && this.#lanes > 1;
    const own = totals.map((t) =>
      (shared || wide || t.monoid === 'compensated' ? this.#names.fresh('part') : this.#names.of(t.v.name)));
    totals.forEach((t, i) => scope.line(`var ${own[i]} = ${startOf(t.monoid, wide)};`));
    this.#turns({ loop, totals, spreads }, scope, own, wide);
    if (remainder > 0) {
      const parts = own.map((name) => (wide ? `${name}.x` : name));
      this.#turns({ loop: { ...all, vector: 1 }, totals, spreads }, scope, parts, false, whole);
    }
    if (dealtTo !== undefined) {
      this.#deal(dealtTo, own, scope);
      return;
    }
    totals.forEach((t, i) => this.#finish(t, scope, own[i], wide, shared));
  }

  /** The loop of a fold, which adds to what has been added up so far. @param from where it begins */
  #turns(
    { loop, totals, spreads = [] }: Pick<Fold, 'loop' | 'totals' | 'spreads'>, scope: Scope, own: readonly string[],
    wide: boolean, from = 0,
  ): void {
    this.#variables.bindLoop(loop);
    const inner = scope.child('turn');
    if (loop.vector === 4) inner.bindCounter(loop.v.name);
    else inner.bind(loop.v.name);
    const header = this.#write.header(loop, scope, from);
    this.#ownRow(spreads, inner);
    for (const s of spreads) this.#spread(s, loop, inner);
    totals.forEach((t, i) => inner.line(this.#accumulate(t, loop, inner, own[i], wide)));
    scope.wrap(header, inner);
  }

  /** Gives lanes the sums of what each has a part of, and those of every array to the first lanes. */
  #deal(arrays: readonly string[], parts: readonly string[], scope: Scope): void {
    const lanes = this.#lanes;
    const all = Array.from({ length: lanes }, (_, i) => parts[i] ?? '0f');
    const sums = `dealt_sum(${all.join(', ')}, lane)`;
    const names = arrays.map((a) => this.#write.arrayName(a));
    this.#needs.deals = true;
    if (names.length === 1) {
      scope.line(`${names[0]}[0] = ${sums};`);
      return;
    }
    const [own, each] = [this.#names.fresh('own'), parts.length / names.length];
    scope.line(`let ${own} = ${sums};`);
    names.forEach((name, i) => {
      const from = i === 0 ? `lane % ${each}` : `lane % ${each} + ${i * each}`;
      scope.line(`${name}[0] = subgroupShuffle(${own}, u32(${from}));`);
    });
  }

  /** Which of the values that lanes compute for each other is a lane's own: one number for all spreads of a turn. */
  #ownRow(spreads: readonly Spread[], scope: Scope): void {
    const rows = Math.max(0, ...spreads.map((s) => s.values.length));
    if (rows < 2) return;
    scope.line(`let ${this.#names.of(OWN_LANE)} = ${this.#lanes === rows ? 'lane' : `lane % ${rows}`};`);
    scope.bind(OWN_LANE);
    this.#variables.bindLane(OWN_LANE);
  }

  /** Each lane computes its own value, and takes those of the others. */
  #spread({ lane, value, values }: Spread, loop: Loop, scope: Scope): void {
    const [alone, ...others] = values;
    if (others.length === 0) {
      // What is one for all lanes is read by each of them: there is nothing to give.
      const one = substitute(value, new Map([[lane.name, constI(0)]]));
      scope.line(`let ${this.#names.of(alone.name)} = ${this.#write.expr(one, scope).code};`);
      scope.bind(alone.name, scope.isWide(one.free));
      return;
    }
    this.#needs.spreads = true;
    const own = this.#names.fresh('own');
    const inner = substitute(value, new Map([[lane.name, variable(OWN_LANE, this.#lanes)]]));
    const wide = loop.vector === 4;
    scope.line(`let ${own} = ${(wide ? this.#write.widened(inner, scope) : this.#write.expr(inner, scope)).code};`);
    values.forEach((v, i) => {
      scope.line(`let ${this.#names.of(v.name)} = subgroupBroadcast(${own}, ${i}u);`);
      scope.bind(v.name, wide);
    });
  }

  /** Products go into a sum by `fma`, which rounds once for each term on devices that fuse it. */
  #accumulate(t: Total, loop: Loop, scope: Scope, name: string, wide: boolean): string {
    if (loop.vector === 4 && !wide) {
      if (t.monoid === 'sum') return this.#addFour(t.value, scope, name, loop.chains === 1);
      return `${name} = ${combined(t.monoid, name, this.#totalOfFour(t, scope))};`;
    }
    const value = (e: Expr): Text => (wide ? this.#write.widened(e, scope) : this.#write.expr(e, scope));
    if (t.monoid === 'compensated') {
      return `${name} = add_product(${productOf(t.value).map((a) => value(a).code).join(', ')}, ${name});`;
    }
    if (t.monoid !== 'sum') return `${name} = ${combined(t.monoid, name, within(value(t.value), 7))};`;
    if (t.value.kind !== 'op' || t.value.op !== 'mul') return `${name} += ${value(t.value).code};`;
    return `${name} = fma(${t.value.args.map((a) => value(a).code).join(', ')}, ${name});`;
  }

  /** A name for four numbers that have none. */
  #held(code: string, scope: Scope): string {
    if (/^\w+$/.test(code)) return code;
    const four = this.#names.fresh('four');
    scope.line(`let ${four} = ${code};`);
    return four;
  }

  #totalOfFour(t: Total, scope: Scope): string {
    const four = this.#names.fresh('four');
    scope.line(`let ${four} = ${this.#write.widened(t.value, scope).code};`);
    return reduceFour(t.monoid, four);
  }

  /** Adds four terms; those of two vectors as their dot product, which adds in pairs, unless they are to be in turn. */
  #addFour(e: Expr, scope: Scope, name: string, inTurn: boolean): string {
    const isWide = (x: Expr): boolean => scope.isWide(x.free);
    if (!isWide(e)) return `${name} += 4f * ${within(this.#write.expr(e, scope), 7)};`;
    if (e.kind === 'op' && e.op === 'mul' && e.args.every(isWide)) {
      const [a, b] = e.args.map((x) => this.#write.expr(x, scope).code).map((x) => (inTurn ? this.#held(x, scope) : x));
      if (inTurn) return `${name} = ${[...'wzyx'].reduce((sum, i) => `fma(${a}.${i}, ${b}.${i}, ${sum})`, name)};`;
      return `${name} += dot(${a}, ${b});`;
    }
    return `${name} += dot(${this.#write.expr(e, scope).code}, vec4<f32>(1f));`;
  }

  #finish(t: Total, scope: Scope, part: string, wide: boolean, shared: boolean): void {
    if (wide || shared || t.monoid === 'compensated') {
      const own = wide ? reduceFour(t.monoid, part) : t.monoid === 'compensated' ? `${part}.x + ${part}.y` : part;
      if (shared) this.#needs.totals.add(t.monoid);
      scope.line(`let ${this.#names.of(t.v.name)} = ${shared ? `lanes_${t.monoid}(${own}, lane)` : own};`);
    }
    scope.bind(t.v.name);
  }
}

/** Where a total starts: four at a time, as a sum with what it lost, or as one number. */
function startOf(monoid: Monoid, wide: boolean): string {
  if (monoid === 'compensated') return 'vec2<f32>(0f)';
  return wide ? `vec4<f32>(${UNIT[monoid]})` : UNIT[monoid];
}

/** The two factors of a term. */
const productOf = (e: Expr): readonly [Expr, Expr] =>
  (e.kind === 'op' && e.op === 'mul' ? [e.args[0], e.args[1]] : [e, constF(1)]);

function reduceFour(monoid: Monoid, v: string): string {
  if (monoid === 'sum') return `dot(${v}, vec4<f32>(1f))`;
  return [1, 2, 3].reduce((code, i) => combined(monoid, code, `${v}.${'xyzw'[i]}`), `${v}.x`);
}
