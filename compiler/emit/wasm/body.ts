import { constI, variable, type Expr, type LoadExpr, type VarExpr } from '../../expr/expr.ts';
import { iadd, isLaneOf, lanesApart, termsOf, type Term } from '../../expr/int.ts';
import { substitute } from '../../expr/rewrite.ts';
import type { Loop, LoopNest, Stmt, Total } from '../../loop/ir.ts';
import type { BlockKind } from '../block.ts';
import { STORED_BYTES } from '../../program.ts';
import { Uses } from '../uses.ts';
import { loaded, loadedWide } from './loads.ts';
import type { Locals, Slot, Slots } from './locals.ts';
import {
  combined, consecutive, conversion, gathered, intOperator, operator, reduceLanes, shuffled, unitOf, type Use,
} from './operators.ts';
import type { Scope } from './scope.ts';
import { f32Literal, i32, instruction, local, splat, value, type LaneType, type Value } from './value.ts';

/** What a body may use. */
export interface BodyTarget {
  /** Called with the name of each function that the module must have. */
  readonly use: Use;
  /** Whether vectors may multiply and add in one instruction. */
  readonly fused: boolean;
}

/** Writes what one turn of a loop does. */
type Turn = (inner: Scope) => void;

/** Turns of so many entries each; `after` them follows what they leave, where there were any. */
interface Phase {
  readonly step: number;
  readonly turn: Turn;
  readonly after?: () => void;
}

/** Where a loop's variable runs, as code. */
interface Range {
  readonly v: VarExpr;
  readonly from: string;
  readonly end: string;
  readonly step: number;
}

/**
 * Writes the statements of one nest as WebAssembly. A value used twice, or one that does not change in the loops around
 * it, is kept in a local that the outermost possible block sets. A loop taken four at a time is written twice: over
 * vectors, and one by one for what remains.
 */
export class BodyEmitter {
  readonly #nest: LoopNest;
  readonly #slots: Slots;
  readonly #locals: Locals;
  readonly #use: Use;
  readonly #fused: boolean;
  readonly #uses: Uses;
  /** Totals and other named numbers that are vectors where they are bound wide. */
  readonly #scalars = new Set<string>();
  /** Vectors that hold four totals side by side, by the totals' keys. */
  readonly #beside = new Map<string, string>();

  constructor(nest: LoopNest, slots: Slots, memory: ReadonlySet<string>, locals: Locals, target: BodyTarget) {
    this.#nest = nest;
    this.#slots = slots;
    this.#locals = locals;
    this.#use = target.use;
    this.#fused = target.fused;
    this.#uses = new Uses(nest.body, memory);
  }

  /** The statements, inside a scope in which the grid's variables are bound. */
  emit(scope: Scope): void {
    this.#block(this.#nest.body, scope);
  }

  #block(body: readonly Stmt[], scope: Scope): void {
    for (const s of body) this.#statement(s, scope);
  }

  #statement(s: Stmt, scope: Scope): void {
    switch (s.kind) {
      case 'let': case 'state': case 'assign': this.#set(s.v, s.value, scope); return;
      case 'barrier': return; // one thread runs a whole cell
      case 'store': this.#storeAt(s.buffer, s.index, s.value, scope); return;
      case 'array': this.#array(s.name, s.values, scope); return;
      case 'guard': this.#guard(s.condition, s.body, scope); return;
      case 'loop': this.#loop(s.loop, s.body, scope); return;
      case 'fold': this.#fold(s.loop, s.totals, scope); return;
    }
  }

  #set(v: VarExpr, e: Expr, scope: Scope): void {
    const x = this.#expr(e, scope);
    const wide = x.type === 'v128';
    this.#assign(scope, this.#nameOf(v.name, wide), x);
    this.#scalars.add(v.name);
    scope.bind(v.name, wide);
  }

  #nameOf = (name: string, wide: boolean): string => (wide ? `${name}.v` : name);

  #assign(scope: Scope, name: string, x: Value): void {
    this.#locals.declare(name, x.type);
    scope.line(`(local.set $${name} ${x.code})`);
  }

  #guard(condition: Expr, body: readonly Stmt[], scope: Scope): void {
    const inner = scope.child('opaque');
    this.#block(body, inner);
    scope.nest(`(if ${this.#expr(condition, scope).code} (then`, inner.lines, '))');
  }

  #loop(loop: Loop, body: readonly Stmt[], scope: Scope): void {
    if (loop.tag === 'unrolled') {
      const inner = scope.child('loop');
      this.#block(body, inner);
      scope.line(...inner.lines);
      return;
    }
    const turn: Turn = (inner) => this.#block(body, inner);
    const vectors: readonly Phase[] = loop.vector === 4 ? [{ step: 4, turn }] : [];
    this.#turns(loop, 'loop', scope, [...vectors, { step: 1, turn }]);
  }

  /** The phases of a loop one after the other, each as far as its step goes. */
  #turns({ v, extent }: Loop, kind: BlockKind, scope: Scope, phases: readonly Phase[]): void {
    this.#locals.declare(v.name, 'i32');
    let from = i32(0);
    for (const { step, turn, after } of phases) {
      const end = endOf(extent, step) ?? this.#roundedDown(extent, step, scope);
      if (end !== from) this.#repeat({ v, from, end, step }, scope.child(kind), scope, turn);
      if (end !== i32(0)) after?.();
      from = end;
    }
  }

  #roundedDown(extent: Expr, step: number, scope: Scope): string {
    const { code } = this.#expr(extent, scope);
    return step === 1 ? code : `(i32.and ${code} ${i32(-step)})`;
  }

  /** Turns of one phase, written into `inner`, which stands inside `scope`. */
  #repeat({ v, from, end, step }: Range, inner: Scope, scope: Scope, body: Turn): void {
    if (step > 1) inner.bindCounter(v.name);
    else inner.bind(v.name);
    body(inner);
    scope.line(`(local.set $${v.name} ${from})`);
    if (from === i32(0) && end === i32(step)) {
      scope.line(...inner.lines);
      return;
    }
    const label = this.#locals.label();
    const bound = this.#simple(value('i32', end), scope).code;
    const next = `(local.tee $${v.name} (i32.add ${local(v.name)} ${i32(step)}))`;
    scope.nest(
      `(if (i32.lt_s ${local(v.name)} ${bound}) (then (loop $${label}`,
      [...inner.lines, `(br_if $${label} (i32.lt_s ${next} ${bound}))`], ')))',
    );
  }

  #storeAt(buffer: string, index: Expr, e: Expr, scope: Scope): void {
    const slot = this.#slot(buffer);
    if (!scope.isWide(index.free) && !scope.isWide(e.free)) {
      scope.line(`(${slot.type}.store ${this.#address(slot, index, scope)} ${this.#expr(e, scope).code})`);
      return;
    }
    const v = scope.wideVariable();
    const x = this.#widened(e, scope);
    if (lanesApart(index, v) === 1) {
      scope.line(`(v128.store ${this.#address(slot, index, scope)} ${x.code})`);
      return;
    }
    const held = this.#held(x, scope);
    for (let i = 0; i < 4; i++) {
      const at = this.#address(slot, substitute(index, new Map([[v, componentOf(v, i)]])), scope);
      scope.line(`(${slot.type}.store ${at} (${slot.type}x4.extract_lane ${i} ${held.code}))`);
    }
  }

  /** Totals that were added up side by side are stored so. */
  #array(name: string, values: readonly Expr[], scope: Scope): void {
    for (let i = 0; i < values.length; i += 4) {
      const four = values.slice(i, i + 4);
      const beside = this.#beside.get(four.map((v) => v.key).join(' '));
      if (beside === undefined) four.forEach((v, n) => this.#storeAt(name, constI(i + n), v, scope));
      else scope.line(`(v128.store ${this.#address(this.#slot(name), constI(i), scope)} ${local(beside)})`);
    }
  }

  #held(x: Value, scope: Scope): Value {
    const name = this.#locals.fresh('held', x.type);
    scope.line(`(local.set $${name} ${x.code})`);
    return value(x.type, local(name));
  }

  /** The value where it costs nothing to repeat, else kept. */
  #simple(x: Value, scope: Scope): Value {
    return /^\((local\.get|[fi]32\.const) [^()]*\)$/.test(x.code) ? x : this.#held(x, scope);
  }

  #slot(buffer: string): Slot {
    const slot = this.#slots.get(buffer);
    if (slot === undefined) throw new Error(`emit: no slot for ${buffer}`);
    return slot;
  }

  /**
   * `offset=… address` of an element. The address is the sum of what each block around adds to it, so that a loop adds
   * only what changes in it; constants go into the instruction.
   */
  #address(slot: Slot, index: Expr, scope: Scope): string {
    const { constant, terms } = termsOf(index);
    const width = STORED_BYTES[slot.storage];
    const offset = slot.offset + constant * width;
    const levels = new Map<Scope, Term[]>();
    const homes = terms.filter((t) => !this.#startsAtZero(t.atom, scope)).map((t) => ({ t, home: this.#uses.isVolatile(t.atom) ? scope : scope.home(t.atom.free) }));
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

  #fold(loop: Loop, totals: readonly Total[], scope: Scope): void {
    if (totals[0].monoid === 'compensated') this.#foldExactly(loop, totals, scope);
    else if (loop.vector === 4) this.#foldVectors(loop, totals, scope);
    else this.#foldInOrder(loop, totals, scope);
    for (const t of totals) this.#scalars.add(t.v.name);
  }

  /** Each total is one number, or four where it varies along a vector around the loop. */
  #foldInOrder(loop: Loop, totals: readonly Total[], scope: Scope): void {
    const wide = totals.map((t) => scope.isWide(t.value.free));
    totals.forEach((t, i) => {
      const unit = unitOf(t.monoid);
      this.#assign(scope, this.#nameOf(t.v.name, wide[i]), wide[i] ? splat(unit, 'f32') : unit);
    });
    const turn: Turn = (inner) => totals.forEach((t, i) => this.#accumulate(t, inner, wide[i]));
    this.#turns(loop, 'turn', scope, [{ step: 1, turn }]);
    totals.forEach((t, i) => scope.bind(t.v.name, wide[i]));
  }

  #accumulate(t: Total, scope: Scope, wide: boolean, name = this.#nameOf(t.v.name, wide)): void {
    const own = value(wide ? 'v128' : 'f32', local(name));
    if (wide && this.#fused && t.monoid === 'sum' && t.value.kind === 'op' && t.value.op === 'mul') {
      const factors = t.value.args.map((x) => this.#widened(x, scope));
      this.#assign(scope, name, instruction('v128', 'f32x4.relaxed_madd', ...factors, own));
      return;
    }
    const x = wide ? this.#widened(t.value, scope) : this.#expr(t.value, scope);
    this.#assign(scope, name, combined(t.monoid, own, x, wide));
  }

  /**
   * Four partial totals for each total, over the range's vectors, and as many of these as there are chains, of which none
   * waits for another; then what remains, one by one.
   */
  #foldVectors(loop: Loop, totals: readonly Total[], scope: Scope): void {
    const whole = wholeOf(loop) !== 0;
    const chains = chainsOf(loop);
    for (const t of totals) {
      this.#assign(scope, this.#nameOf(t.v.name, whole), whole ? splat(unitOf(t.monoid), 'f32') : unitOf(t.monoid));
      for (let c = 1; c < chains; c++) this.#assign(scope, chainName(t, c), splat(unitOf(t.monoid), 'f32'));
    }
    const add = (wide: boolean): Turn => (inner) => totals.forEach((t) => this.#accumulate(t, inner, wide));
    const reduce = (): void => {
      for (let i = 0; i < totals.length; i += 4) this.#reduceLanes(totals.slice(i, i + 4), scope);
    };
    const inChains: readonly Phase[] = chains === 1 ? [] : [{
      step: 4 * chains,
      turn: (inner) => totals.forEach((t) => this.#accumulateChains(loop, t, chains, inner)),
      after: () => totals.forEach((t) => this.#joinChains(t, chains, scope)),
    }];
    const vectors: readonly Phase[] = whole ? [{ step: 4, turn: add(true), after: reduce }] : [];
    this.#turns(loop, 'turn', scope, [...inChains, ...vectors, { step: 1, turn: add(false) }]);
    // What remains of a range is added to each total alone.
    if (loop.extent.kind !== 'const' || loop.extent.value !== wholeOf(loop)) this.#forgetBeside(totals);
    for (const t of totals) scope.bind(t.v.name);
  }

  #accumulateChains({ v }: Loop, t: Total, chains: number, scope: Scope): void {
    for (let c = 0; c < chains; c++) {
      const value = substitute(t.value, new Map([[v.name, iadd(v, constI(4 * c))]]));
      this.#accumulate({ ...t, value }, scope, true, chainName(t, c));
    }
  }

  #joinChains(t: Total, chains: number, scope: Scope): void {
    const parts = Array.from({ length: chains }, (_, c) => value('v128', local(chainName(t, c))));
    this.#assign(scope, chainName(t, 0), parts.reduce((a, b) => combined(t.monoid, a, b, true)));
  }

  #forgetBeside(totals: readonly Total[]): void {
    for (let i = 0; i < totals.length; i += 4) this.#beside.delete(besideKey(totals.slice(i, i + 4)));
  }

  /** The totals of their lanes. Four of them at once take a third of the instructions that one after the other take. */
  #reduceLanes(totals: readonly Total[], scope: Scope): void {
    const wide = totals.map((t) => this.#nameOf(t.v.name, true));
    const [{ monoid }] = totals;
    if (totals.length < 4 || totals.some((t) => t.monoid !== monoid)) {
      totals.forEach((t, i) => this.#assign(scope, t.v.name, reduceLanes(t.monoid, wide[i])));
      return;
    }
    const sums = this.#locals.fresh('sums', 'v128');
    const pairs = [wide.slice(0, 2), wide.slice(2)].map(([a, b]) => this.#held(
      combined(monoid, shuffled('firstHalves', local(a), local(b)), shuffled('secondHalves', local(a), local(b)), true),
      scope,
    ).code);
    const [ab, cd] = pairs;
    const four = combined(monoid, shuffled('firstPairs', ab, cd), shuffled('secondPairs', ab, cd), true);
    scope.line(`(local.set $${sums} ${four.code})`);
    totals.forEach((t, i) =>
      this.#assign(scope, t.v.name, value('f32', `(f32x4.extract_lane ${i} ${local(sums)})`)));
    this.#beside.set(besideKey(totals), sums);
  }

  /** Sums in f64, in which products of f32 are exact and sums of them nearly so. */
  #foldExactly(loop: Loop, totals: readonly Total[], scope: Scope): void {
    const across = totals.map((t) => scope.isWide(t.value.free));
    totals.forEach((t, i) => this.#clear(t, wholeOf(loop) !== 0 || across[i], scope));
    const vectors: readonly Phase[] = wholeOf(loop) === 0 ? [] : [{
      step: 4,
      turn: (inner) => totals.forEach((t) => this.#addExactly(t, inner, true)),
      after: () => totals.forEach((t) => this.#addHalves(t, scope)),
    }];
    const single: Turn = (inner) => totals.forEach((t, i) => this.#addExactly(t, inner, across[i]));
    this.#turns(loop, 'turn', scope, [...vectors, { step: 1, turn: single }]);
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
    this.#assign(scope, this.#nameOf(t.v.name, wide), total);
    scope.bind(t.v.name, wide);
  }

  #addExactly(t: Total, scope: Scope, wide: boolean): void {
    const factors = factorsOf(t.value);
    const [low, high] = halvesOf(t, wide);
    if (!wide) {
      const term = factors.map((x) => `(f64.promote_f32 ${this.#expr(x, scope).code})`)
        .reduce((a, b) => `(f64.mul ${a} ${b})`);
      scope.line(`(local.set $${low} (f64.add ${local(low)} ${term}))`);
      return;
    }
    const four = factors.map((x) => this.#held(this.#widened(x, scope), scope).code);
    for (const [half, part] of [[low, promotedLow], [high, promotedHigh]] as const) {
      const term = four.map(part).reduce((a, b) => `(f64x2.mul ${a} ${b})`);
      scope.line(`(local.set $${half} (f64x2.add ${local(half)} ${term}))`);
    }
  }

  #expr(e: Expr, scope: Scope): Value {
    if (e.kind === 'const') return e.type === 'f32' ? value('f32', f32Literal(e.value)) : value('i32', i32(e.value));
    if (e.kind === 'size') return value('i32', local(`#${e.name}`));
    if (e.kind === 'var') return this.#variable(e, scope);
    if (e.kind === 'reduce') throw new Error('emit: a reduction that no statement computes');
    const volatile = this.#uses.isVolatile(e);
    if (volatile && !scope.isSteady) return this.#compute(e, scope);
    const home = volatile ? scope : scope.home(e.free);
    const wide = home.isWide(e.free);
    const type = wide ? 'v128' : e.type === 'f32' ? 'f32' : 'i32';
    const known = scope.known(e.key);
    if (known !== undefined) return value(type, local(known));
    if (home === scope && !this.#uses.isRepeated(e)) return this.#compute(e, scope);
    const computed = this.#compute(e, home);
    const name = this.#locals.fresh('v', type);
    home.line(`(local.set $${name} ${computed.code})`);
    home.remember(e.key, name);
    return value(type, local(name));
  }

  #variable(e: VarExpr, scope: Scope): Value {
    const [stem, component] = e.name.split('@');
    const wide = scope.isWide(e.free);
    if (this.#scalars.has(stem)) {
      const own = local(this.#nameOf(stem, component !== undefined || wide));
      if (component !== undefined) return value('f32', `(f32x4.extract_lane ${component} ${own})`);
      return wide ? value('v128', own) : value(e.type === 'f32' ? 'f32' : 'i32', own);
    }
    const start = value('i32', local(stem));
    if (wide) return consecutive(start);
    return component === undefined || component === '0'
      ? start
      : instruction('i32', 'i32.add', start, value('i32', i32(Number(component))));
  }

  #compute(e: Expr, scope: Scope): Value {
    const wide = scope.isWide(e.free);
    const sub = (x: Expr): Value => (wide ? this.#widened(x, scope) : this.#expr(x, scope));
    switch (e.kind) {
      case 'op': return operator(e.op, e.args.map(sub), laneType(e.args.at(-1) ?? e), wide, this.#use);
      case 'int': return this.#int(e, scope, wide);
      case 'cast': return conversion(sub(e.x), laneType(e), wide);
      case 'load': return this.#load(e, scope, wide);
      case 'random': return this.#random(e, scope, wide);
      default: throw new Error(`emit: ${e.kind}`);
    }
  }

  #int(e: Extract<Expr, { kind: 'int' }>, scope: Scope, wide: boolean): Value {
    if (wide && (e.op === 'div' || e.op === 'mod')) return this.#components(e, scope);
    const args = [e.a, e.b].map((x) => (wide ? this.#widened(x, scope) : this.#expr(x, scope)));
    const twice = !wide && (e.op === 'min' || e.op === 'max');
    const [a, b] = twice ? args.map((x) => this.#simple(x, scope)) : args;
    return intOperator(e.op, a, b, wide);
  }

  #random(e: Extract<Expr, { kind: 'random' }>, scope: Scope, wide: boolean): Value {
    this.#use('random_uniform');
    const index = splat(this.#expr(e.index, scope), 'i32');
    const drawn = value('v128', `(call $random_uniform ${index.code} ${i32(e.seed | 0)})`);
    return wide ? drawn : instruction('f32', 'f32x4.extract_lane 0', drawn);
  }

  /** In four lanes; a condition becomes a mask. */
  #widened(e: Expr, scope: Scope): Value {
    const x = this.#expr(e, scope);
    if (x.type === 'v128' || e.type !== 'bool') return splat(x, laneType(e));
    return splat(instruction('i32', 'i32.sub', value('i32', i32(0)), x), 'i32');
  }

  #load(e: LoadExpr, scope: Scope, wide: boolean): Value {
    const slot = this.#slot(e.buffer);
    if (!wide) return loaded(slot.type, slot.storage, this.#address(slot, e.index, scope));
    const v = scope.wideVariable();
    if (lanesApart(e.index, v) === 1) {
      return loadedWide(slot.storage, this.#address(slot, e.index, scope));
    }
    return this.#components(e, scope);
  }

  /** Four values, each for one entry of the vector. */
  #components(e: Expr, scope: Scope): Value {
    const v = scope.wideVariable();
    const parts = [0, 1, 2, 3].map((i) => this.#expr(substitute(e, new Map([[v, componentOf(v, i)]])), scope));
    return gathered(parts, laneType(e));
  }
}

const componentOf = (v: string, i: number): VarExpr => variable(`${v}@${i}`, Infinity);

/** Where a phase of so many entries a turn ends; undefined where a run's sizes decide. */
const endOf = (extent: Expr, step: number): string | undefined =>
  (extent.kind === 'const' ? i32(extent.value - (extent.value % step)) : undefined);

/** Partial totals for each total of a fold over vectors: more than one where the range surely has so many vectors. */
const chainsOf = ({ extent, vector, chains = 1 }: Loop): number =>
  (vector === 4 && extent.kind === 'const' && extent.value >= 4 * chains ? chains : 1);

const chainName = (t: Total, chain: number): string => (chain === 0 ? `${t.v.name}.v` : `${t.v.name}.v${chain}`);

/** How many entries of a loop's range are taken four at a time. */
function wholeOf({ extent, vector }: Loop): number | 'unknown' {
  if (vector === 1) return 0;
  return extent.kind === 'const' ? extent.value & ~3 : 'unknown';
}

const besideKey = (totals: readonly Total[]): string => totals.map((t) => t.v.key).join(' ');

const laneType = (e: Expr): LaneType => (e.type === 'f32' ? 'f32' : 'i32');

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
