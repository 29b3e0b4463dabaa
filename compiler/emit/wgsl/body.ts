import type { Monoid } from '../../../dsl/node.ts';
import { constF, constI, variable, type Expr, type LoadExpr } from '../../expr/expr.ts';
import { iadd } from '../../expr/int.ts';
import { substitute } from '../../expr/rewrite.ts';
import type { Fold, Loop, LoopNest, Spread, Stmt, Total } from '../../loop/ir.ts';
import { loadsVector, remainderOf } from '../../lower/common.ts';
import { loadedByFours, placeOfFour } from '../../fuse/strides.ts';
import { Uses } from '../uses.ts';
import { LaneVariables, turnsOf } from './dealt.ts';
import { VariableNames } from './names.ts';
import {
  atom, combined, floatLiteral, intOperator, MIXES, operator, UNIT, vectorOperator, within, type Text,
} from './operators.ts';
import type { Scope } from './scope.ts';
import { localSlot, type Slot, type Slots } from './slots.ts';
import { elementOf, loadedFour, loadedOne } from './storages.ts';
import { declarable } from './words.ts';

/**
 * Writes the statements of one nest. An expression used twice, or one that does not change in the loops around it,
 * becomes a `let` in the outermost block where it can stand.
 */
export class BodyEmitter {
  readonly #nest: LoopNest;
  readonly #slots: Slots;
  readonly #unroll: boolean;
  readonly #uses: Uses;
  readonly #lanes: LaneVariables;
  /** Buffers of which four neighbours are read at once, though each stands for itself. */
  readonly #fours: ReadonlySet<string>;
  readonly totals = new Set<Monoid>();
  /** Whether lanes take values from each other. */
  spreads = false;
  /** Whether totals are dealt to lanes. */
  deals = false;
  readonly names: VariableNames;

  constructor(nest: LoopNest, slots: Slots, unroll: boolean) {
    this.#nest = nest;
    this.#unroll = unroll;
    this.#lanes = new LaneVariables(nest.lanes);
    this.#fours = new Set(nest.body.flatMap(foursOf));
    const arrays = nest.body.flatMap(arraysOf);
    this.#slots = new Map([
      ...slots,
      ...arrays.map((name): [string, Slot] =>
        [name, localSlot(name.replace('local:', ''), { type: 'f32' })]),
    ]);
    this.#uses = new Uses(nest.body, new Set([...nest.locals.map((l) => l.name), ...arrays]));
    this.names = new VariableNames(
      [...nest.grid.map((d) => d.v.name), ...partOf(nest), ...nest.body.flatMap(variablesOf)],
      [...this.#slots.values()].map((s) => s.variable),
    );
  }

  /** The statements as lines, inside a scope in which the grid variables are bound. */
  emit(scope: Scope): void {
    for (const { name, type, size, dealt } of this.#nest.locals) {
      if (dealt === undefined) continue;
      const entry = dealt === 4 ? `vec4<${type}>` : type;
      scope.line(`var ${this.#slotOf(name).variable}: array<${entry}, ${turnsOf(size, dealt, this.#nest.lanes)}>;`);
    }
    this.#block(this.#nest.body, scope, false);
  }

  #block(body: readonly Stmt[], scope: Scope, inLanes: boolean): void {
    for (let i = 0; i < body.length; i++) {
      const stores = this.#nest.lanes > 1 && !inLanes ? leadingStores(body.slice(i)) : [];
      if (stores.length === 0) this.#statement(body[i], scope, inLanes);
      else {
        this.#storeOnce(stores, scope);
        i += stores.length - 1;
      }
    }
  }

  /** Stores outside the lanes' loops are done by one lane, of each part. */
  #storeOnce(stores: readonly StoreStmt[], scope: Scope): void {
    const inner = scope.child('opaque');
    for (const s of stores) this.#store(s, inner);
    scope.wrap('if (lane == 0)', inner);
  }

  #statement(s: Stmt, scope: Scope, inLanes: boolean): void {
    switch (s.kind) {
      case 'let':
        scope.line(`let ${this.names.of(s.v.name)} = ${this.#expr(s.value, scope).code};`);
        scope.bind(s.v.name);
        return;
      case 'state':
        scope.line(`var ${this.names.of(s.v.name)} = ${this.#expr(s.value, scope).code};`);
        scope.bind(s.v.name);
        return;
      case 'assign': scope.line(`${this.names.of(s.v.name)} = ${this.#expr(s.value, scope).code};`); return;
      case 'barrier': scope.line('workgroupBarrier();'); return;
      case 'store': this.#store(s, scope); return;
      case 'array': this.#array(s.name, s.values, scope); return;
      case 'guard': {
        const inner = scope.child('opaque');
        this.#block(s.body, inner, inLanes);
        scope.wrap(`if (${this.#expr(s.condition, scope).code})`, inner);
        return;
      }
      case 'loop': this.#loop(s.loop, s.body, scope, inLanes); return;
      case 'fold': this.#fold(s, scope); return;
    }
  }

  #array(name: string, values: readonly Expr[], scope: Scope): void {
    const declared = this.#slots.get(name)?.variable ?? name;
    const entries = values.map((v) => this.#expr(v, scope).code).join(', ');
    scope.line(`var ${declared} = array<f32, ${values.length}>(${entries});`);
  }

  #loop(loop: Loop, body: readonly Stmt[], scope: Scope, inLanes: boolean): void {
    const inner = scope.child('loop');
    const { lanes } = this.#nest;
    if (loop.tag === 'lane' && loop.vector === 1 && loop.extent.kind === 'const' && loop.extent.value === lanes) {
      // One turn for each lane is no loop: lanes stay together, as they must to take values from each other.
      inner.line(`let ${this.names.of(loop.v.name)} = lane;`);
      inner.bind(loop.v.name);
      this.#lanes.bindLane(loop.v.name);
      this.#block(body, inner, true);
      scope.wrap('', inner);
      return;
    }
    if (loop.tag === 'unrolled') {
      if (loop.vector === 4) inner.bindCounter(loop.v.name, true);
      this.#block(body, inner, inLanes);
      scope.wrap('', inner);
      return;
    }
    const header = this.#header(loop, scope);
    if (loop.vector === 4) inner.bindCounter(loop.v.name);
    else inner.bind(loop.v.name);
    this.#lanes.bindLoop(loop);
    this.#block(body, inner, inLanes || loop.tag === 'lane');
    scope.wrap(header, inner);
  }

  /** @param from where the loop begins */
  #header(loop: Loop, scope: Scope, from = 0): string {
    const v = this.names.of(loop.v.name);
    const extent = this.#extent(loop, scope);
    const shared = loop.tag === 'lane' && this.#nest.lanes > 1;
    const first = shared ? (loop.vector === 4 ? 'lane * 4' : 'lane') : '';
    const start = first === '' ? String(from) : from === 0 ? first : `${from} + ${first}`;
    const step = (shared ? this.#nest.lanes : 1) * loop.vector;
    const next = step === 1 ? `${v}++` : `${v} += ${step}`;
    return `for (var ${v}: i32 = ${start}; ${v} < ${within(extent, 4)}; ${next})`;
  }

  /** Where drivers must not unroll, a length that they know is hidden behind a uniform that is 1. */
  #extent(loop: Loop, scope: Scope): Text {
    const extent = this.#expr(loop.extent, scope);
    if (this.#unroll || loop.extent.kind !== 'const') return extent;
    return { code: `${extent.code} * sizes.one`, strength: 6 };
  }

  #store(s: StoreStmt, scope: Scope): void {
    const slot = this.#slotOf(s.buffer);
    if (slot.dealt !== undefined) {
      const wide = scope.isWide(s.index.free);
      const { code } = wide ? this.#dealtFour(slot, s.index, scope) : this.#dealtEntry(slot, s.index, scope);
      scope.line(`${code} = ${(wide ? this.#widened(s.value, scope) : this.#expr(s.value, scope)).code};`);
      return;
    }
    const index = iadd(s.index, constI(slot.offset));
    const is = s.adds === true ? '+=' : '=';
    if (scope.isWide(index.free)) {
      // Four neighbours, of which the first is a multiple of four: one element of an array of vectors.
      const first = entryOf(index, 0, scope);
      const four = this.#widened(s.value, scope).code;
      if (slot.width === 4) scope.line(`${elementOf(slot, this.#expr(first, scope)).code} ${is} ${four};`);
      else this.#storeOneByOne(slot, index, is, four, scope);
    } else {
      scope.line(`${slot.variable}[${this.#expr(index, scope).code}] ${is} ${this.#expr(s.value, scope).code};`);
    }
  }

  /** Four neighbours of an array of numbers: other stores of the kernel take its entries one by one. */
  #storeOneByOne(slot: Slot, index: Expr, is: '=' | '+=', four: string, scope: Scope): void {
    const name = this.names.fresh('four');
    scope.line(`let ${name} = ${four};`);
    for (const [i, part] of [...'xyzw'].entries()) {
      scope.line(`${slot.variable}[${this.#expr(entryOf(index, i, scope), scope).code}] ${is} ${name}.${part};`);
    }
  }

  #slotOf(buffer: string): Slot {
    const slot = this.#slots.get(buffer);
    if (slot === undefined) throw new Error(`emit: no slot for ${buffer}`);
    return slot;
  }

  /** An entry that is the lane's own, in its register. */
  #dealtEntry(slot: Slot, index: Expr, scope: Scope): Text {
    const { turn, place, lane } = this.#lanes.entryAt(index, slot.dealt ?? 1);
    if (lane !== undefined) throw new Error(`emit: a lane stores an entry of ${slot.variable} that may be another's`);
    const own = `${slot.variable}[${this.#expr(turn, scope).code}]`;
    return atom(slot.dealt === 4 ? `${own}[${this.#expr(place, scope).code}]` : own);
  }

  /** Four neighbours that are the lane's own, in its register. */
  #dealtFour(slot: Slot, index: Expr, scope: Scope): Text {
    const { turn, lane } = this.#lanes.entryAt(index, 4);
    if (lane !== undefined || slot.dealt !== 4) throw new Error(`emit: four entries of ${slot.variable} are not a lane's own`);
    return atom(`${slot.variable}[${this.#expr(entryOf(turn, 0, scope), scope).code}]`);
  }

  /** An entry that is the lane's own (or four of them), or one that lanes take from whose it is. */
  #loadDealt(slot: Slot, index: Expr, scope: Scope, wide: boolean): Text | undefined {
    const run = slot.dealt ?? 1;
    const { turn, place, lane } = this.#lanes.entryAt(index, run);
    if (lane === undefined && !wide) return this.#dealtEntry(slot, index, scope);
    if (lane === undefined && run === 4) {
      return atom(`${slot.variable}[${this.#expr(entryOf(turn, 0, scope), scope).code}]`);
    }
    if (wide || lane === undefined) return undefined;
    this.spreads = true;
    const [at, from] = [turn, lane].map((e) => this.#expr(e, scope).code);
    const entry = run === 4 ? `${slot.variable}[${at}][${this.#expr(place, scope).code}]` : `${slot.variable}[${at}]`;
    return atom(`subgroupShuffle(${entry}, u32(${from}))`);
  }

  #fold({ loop: all, totals, spreads = [], dealtTo }: Fold, scope: Scope): void {
    const remainder = remainderOf(all) ?? 0;
    const whole = all.extent.kind === 'const' ? all.extent.value - remainder : 0;
    const loop = remainder === 0 ? all : { ...all, extent: constI(whole) };
    // Totals that are dealt are many: a number each, so that they stay in registers.
    const wide = loop.vector === 4 && loop.tag === 'lane' && dealtTo === undefined;
    const shared = loop.tag === 'lane' && this.#nest.lanes > 1;
    const own = totals.map((t) =>
      (shared || wide || t.monoid === 'compensated' ? this.names.fresh('part') : this.names.of(t.v.name)));
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
    this.#lanes.bindLoop(loop);
    const inner = scope.child('turn');
    if (loop.vector === 4) inner.bindCounter(loop.v.name);
    else inner.bind(loop.v.name);
    const header = this.#header(loop, scope, from);
    this.#ownRow(spreads, inner);
    for (const s of spreads) this.#spread(s, loop, inner);
    totals.forEach((t, i) => inner.line(this.#accumulate(t, loop, inner, own[i], wide)));
    scope.wrap(header, inner);
  }

  /** Gives lanes the sums of what each has a part of, and those of every array to the first lanes. */
  #deal(arrays: readonly string[], parts: readonly string[], scope: Scope): void {
    const { lanes } = this.#nest;
    const all = Array.from({ length: lanes }, (_, i) => parts[i] ?? '0f');
    const sums = `dealt_sum(${all.join(', ')}, lane)`;
    const names = arrays.map((a) => this.#slotOf(a).variable);
    this.deals = true;
    if (names.length === 1) {
      scope.line(`${names[0]}[0] = ${sums};`);
      return;
    }
    const [own, each] = [this.names.fresh('own'), parts.length / names.length];
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
    scope.line(`let ${this.names.of(OWN_LANE)} = ${this.#nest.lanes === rows ? 'lane' : `lane % ${rows}`};`);
    scope.bind(OWN_LANE);
    this.#lanes.bindLane(OWN_LANE);
  }

  /** Each lane computes its own value, and takes those of the others. */
  #spread({ lane, value, values }: Spread, loop: Loop, scope: Scope): void {
    const [alone, ...others] = values;
    if (others.length === 0) {
      // What is one for all lanes is read by each of them: there is nothing to give.
      const one = substitute(value, new Map([[lane.name, constI(0)]]));
      scope.line(`let ${this.names.of(alone.name)} = ${this.#expr(one, scope).code};`);
      scope.bind(alone.name, scope.isWide(one.free));
      return;
    }
    this.spreads = true;
    const own = this.names.fresh('own');
    const inner = substitute(value, new Map([[lane.name, variable(OWN_LANE, this.#nest.lanes)]]));
    const wide = loop.vector === 4;
    scope.line(`let ${own} = ${(wide ? this.#widened(inner, scope) : this.#expr(inner, scope)).code};`);
    values.forEach((v, i) => {
      scope.line(`let ${this.names.of(v.name)} = subgroupBroadcast(${own}, ${i}u);`);
      scope.bind(v.name, wide);
    });
  }

  /** Products go into a sum by `fma`, which rounds once for each term on devices that fuse it. */
  #accumulate(t: Total, loop: Loop, scope: Scope, name: string, wide: boolean): string {
    if (loop.vector === 4 && !wide) {
      if (t.monoid === 'sum') return this.#addFour(t.value, scope, name, loop.chains === 1);
      return `${name} = ${combined(t.monoid, name, this.#totalOfFour(t, scope))};`;
    }
    const value = (e: Expr): Text => (wide ? this.#widened(e, scope) : this.#expr(e, scope));
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
    const four = this.names.fresh('four');
    scope.line(`let ${four} = ${code};`);
    return four;
  }

  #totalOfFour(t: Total, scope: Scope): string {
    const four = this.names.fresh('four');
    scope.line(`let ${four} = ${this.#widened(t.value, scope).code};`);
    return reduceFour(t.monoid, four);
  }

  /** Adds four terms; those of two vectors as their dot product, which adds in pairs, unless they are to be in turn. */
  #addFour(e: Expr, scope: Scope, name: string, inTurn: boolean): string {
    const isWide = (x: Expr): boolean => scope.isWide(x.free);
    if (!isWide(e)) return `${name} += 4f * ${within(this.#expr(e, scope), 7)};`;
    if (e.kind === 'op' && e.op === 'mul' && e.args.every(isWide)) {
      const [a, b] = e.args.map((x) => this.#expr(x, scope).code).map((x) => (inTurn ? this.#held(x, scope) : x));
      if (inTurn) return `${name} = ${[...'wzyx'].reduce((sum, i) => `fma(${a}.${i}, ${b}.${i}, ${sum})`, name)};`;
      return `${name} += dot(${a}, ${b});`;
    }
    return `${name} += dot(${this.#expr(e, scope).code}, vec4<f32>(1f));`;
  }

  #finish(t: Total, scope: Scope, part: string, wide: boolean, shared: boolean): void {
    if (wide || shared || t.monoid === 'compensated') {
      const own = wide ? reduceFour(t.monoid, part) : t.monoid === 'compensated' ? `${part}.x + ${part}.y` : part;
      if (shared) this.totals.add(t.monoid);
      scope.line(`let ${this.names.of(t.v.name)} = ${shared ? `lanes_${t.monoid}(${own}, lane)` : own};`);
    }
    scope.bind(t.v.name);
  }

  #expr(e: Expr, scope: Scope): Text {
    if (e.kind === 'const') return e.type === 'f32' ? floatLiteral(e.value) : integer(e.value);
    if (e.kind === 'size') return atom(`sizes.${declarable(e.name)}`);
    if (e.kind === 'var') return scope.variable(e.name);
    if (e.kind === 'reduce') throw new Error('emit: a reduction that no statement computes');
    const volatile = this.#uses.isVolatile(e);
    if (volatile && !scope.isSteady) return this.#compute(e, scope);
    const known = scope.known(e.key);
    if (known !== undefined) return atom(known);
    const home = volatile ? scope : scope.home(e.free);
    const moves = home !== scope && (e.kind !== 'int' || e.op === 'div' || e.op === 'mod');
    const repeated = this.#uses.isRepeated(e);
    if (!moves && !repeated) return this.#compute(e, scope);
    const name = this.#nameFor(e);
    home.line(`let ${name} = ${this.#compute(e, home).code};`);
    home.remember(e.key, name);
    return atom(name);
  }

  #nameFor(e: Expr): string {
    const stem = e.kind === 'load' ? this.#slots.get(e.buffer)?.variable ?? 'value'
      : e.type === 'i32' ? 'at'
      : e.type === 'bool' ? 'when'
      : 'v';
    return this.names.fresh(stem);
  }

  #compute(e: Expr, scope: Scope): Text {
    const sub = (x: Expr): Text => this.#expr(x, scope);
    const wide = scope.isWide(e.free);
    switch (e.kind) {
      case 'op':
        if (!wide || MIXES.has(e.op)) return operator(e.op, e.args.map(sub));
        return vectorOperator(e.op, e.args.map((a) => this.#widened(a, scope)));
      case 'int': {
        const mixes = e.op !== 'min' && e.op !== 'max';
        return intOperator(e.op, [e.a, e.b].map((x) => (wide && !mixes ? this.#widened(x, scope) : sub(x))));
      }
      case 'cast': return atom(`${wide ? `vec4<${e.type}>` : e.type}(${sub(e.x).code})`);
      case 'load': return this.#load(e, scope, wide);
      case 'random': return atom(`random_uniform(${e.seed >>> 0}u, ${sub(e.index).code})`);
      default: throw new Error(`emit: ${e.kind}`);
    }
  }

  #widened(e: Expr, scope: Scope): Text {
    const t = this.#expr(e, scope);
    return scope.isWide(e.free) ? t : atom(`vec4<${e.type}>(${t.code})`);
  }

  #load(e: LoadExpr, scope: Scope, wide: boolean): Text {
    const slot = this.#slotOf(e.buffer);
    const index = iadd(e.index, constI(slot.offset));
    const dealt = slot.dealt === undefined ? undefined : this.#loadDealt(slot, index, scope, wide);
    if (dealt !== undefined) return dealt;
    if (!wide) return this.#loadOne(slot, index, scope, this.#fours.has(e.buffer));
    const v = scope.wideVariable();
    if ((slot.bits || slot.width === 4) && loadsVector(index, variable(v, Infinity))) {
      return loadedFour(slot, this.#expr(entryOf(index, 0, scope), scope));
    }
    const four = [0, 1, 2, 3].map((i) => entryOf(e, i, scope));
    return atom(`vec4<${e.type}>(${four.map((x) => this.#expr(x, scope).code).join(', ')})`);
  }

  /** One entry, or one of four neighbours that are read together and kept where what they depend on is known. */
  #loadOne(slot: Slot, index: Expr, scope: Scope, isOfFour: boolean): Text {
    const place = isOfFour && (slot.bits || slot.width === 4) ? placeOfFour(index) : undefined;
    if (place === undefined) return loadedOne(slot, this.#expr(index, scope));
    const first = iadd(index, constI(-place));
    const key = `four of ${slot.variable}[${first.key}]`;
    const known = scope.known(key);
    if (known !== undefined) return atom(`${known}.${'xyzw'[place]}`);
    const home = scope.home(first.free);
    const name = this.names.fresh(slot.variable);
    home.line(`let ${name} = ${loadedFour(slot, this.#expr(first, home)).code};`);
    home.remember(key, name);
    return atom(`${name}.${'xyzw'[place]}`);
  }
}

/** The number of a subgroup, where several share a cell. */
const partOf = ({ parts }: LoopNest): readonly string[] => (parts === undefined ? [] : [parts.v.name]);

type StoreStmt = Extract<Stmt, { kind: 'store' }>;

/** Which of the values that lanes share a lane computes. */
const OWN_LANE = '_own_lane';

/** Buffers that folds of a statement read four neighbours of, one by one. */
function foursOf(s: Stmt): readonly string[] {
  if (s.kind === 'loop' || s.kind === 'guard') return s.body.flatMap(foursOf);
  if (s.kind !== 'fold') return [];
  return [...loadedByFours([...s.totals, ...(s.spreads ?? [])].map((t) => t.value))];
}

/** Arrays of a statement, also inside of loops. */
function arraysOf(s: Stmt): readonly string[] {
  if (s.kind === 'array') return [s.name];
  return s.kind === 'loop' || s.kind === 'guard' ? s.body.flatMap(arraysOf) : [];
}

function leadingStores(body: readonly Stmt[]): readonly StoreStmt[] {
  const end = body.findIndex((s) => s.kind !== 'store');
  return body.slice(0, end < 0 ? body.length : end).filter((s): s is StoreStmt => s.kind === 'store');
}

/** What an expression is for one of the four values of the loop variable that is taken four at a time. */
function entryOf(e: Expr, i: number, scope: Scope): Expr {
  const v = scope.wideVariable();
  return substitute(e, new Map([[v, scope.isSingle(v) ? constI(i) : variable(`${v}@${i}`, Infinity)]]));
}

const integer = (value: number): Text => (value < 0 ? { code: String(value), strength: 7 } : atom(String(value)));

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

/** Every variable that a statement declares. */
function variablesOf(s: Stmt): readonly string[] {
  switch (s.kind) {
    case 'let': case 'state': case 'assign': return [s.v.name];
    case 'loop': return [s.loop.v.name, ...s.body.flatMap(variablesOf)];
    case 'fold':
      return [
        s.loop.v.name, ...s.totals.map((t) => t.v.name),
        ...(s.spreads ?? []).flatMap((p) => [OWN_LANE, ...p.values.map((v) => v.name)]),
      ];
    case 'guard': return s.body.flatMap(variablesOf);
    case 'store': case 'array': case 'barrier': return [];
  }
}
