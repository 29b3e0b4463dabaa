import { constI, variable, type Expr, type LoadExpr, type VarExpr } from '../../expr/expr.ts';
import { lanesApart } from '../../expr/int.ts';
import { substitute } from '../../expr/rewrite.ts';
import type { Loop, LoopNest, Stmt } from '../../loop/ir.ts';
import type { BlockKind } from '../block.ts';
import { Uses } from '../uses.ts';
import { Addresses } from './addresses.ts';
import { Folds } from './folds.ts';
import type { Locals, Slot, Slots } from './locals.ts';
import { consecutive, conversion, gathered, intOperator, operator, type Use } from './operators.ts';
import { BODIES, renamed, type FunctionBody } from './math/index.ts';
import type { Scope } from './scope.ts';
import { loaded, loadedIntegers, loadedWide, stored, storedWide } from './storages.ts';
import { f32Literal, i32, instruction, local, splat, value, type LaneType, type Value } from './value.ts';
import { totalName, type Phase, type Turn } from './writer.ts';

/** What a body may use. */
export interface BodyTarget {
  /** Called with the name of each function that the module must have. */
  readonly use: Use;
  /** Whether vectors may multiply and add in one instruction. */
  readonly fused: boolean;
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
  readonly #folds: Folds;
  readonly #uses: Uses;
  readonly #addresses: Addresses;
  /** Totals and other named numbers that are vectors where they are bound wide. */
  readonly #scalars = new Set<string>();

  constructor(nest: LoopNest, slots: Slots, memory: ReadonlySet<string>, locals: Locals, target: BodyTarget) {
    this.#nest = nest;
    this.#slots = slots;
    this.#locals = locals;
    this.#use = target.use;
    this.#folds = new Folds({
      expr: (e, scope) => this.#expr(e, scope),
      widened: (e, scope) => this.#widened(e, scope),
      held: (x, scope) => this.#held(x, scope),
      assign: (scope, name, x) => this.#assign(scope, name, x),
      integers: (e, scope) => this.#integers(e, scope),
      turns: (loop, kind, scope, phases) => this.#turns(loop, kind, scope, phases),
    }, locals, target.fused);
    this.#uses = new Uses(nest.body, memory);
    this.#addresses = new Addresses(this.#uses, locals, (e, scope) => this.#expr(e, scope));
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
      case 'store': this.#storeAt(s.buffer, s.index, s.value, scope, s.adds); return;
      case 'array': this.#array(s.name, s.values, scope); return;
      case 'guard': this.#guard(s.condition, s.body, scope); return;
      case 'loop': this.#loop(s.loop, s.body, scope); return;
      case 'fold':
        this.#folds.fold(s.loop, s.totals, scope);
        for (const t of s.totals) this.#scalars.add(t.v.name);
        return;
    }
  }

  #set(v: VarExpr, e: Expr, scope: Scope): void {
    const x = this.#expr(e, scope);
    const wide = x.type === 'v128';
    this.#assign(scope, totalName(v.name, wide), x);
    this.#scalars.add(v.name);
    scope.bind(v.name, wide);
  }

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
    for (const { step, turn, after, until } of phases) {
      const end = endOf(until === undefined ? extent : constI(until), step) ?? this.#roundedDown(extent, step, scope);
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

  #storeAt(buffer: string, index: Expr, e: Expr, scope: Scope, adds?: true): void {
    const slot = this.#slot(buffer);
    const at = (i: Expr): string => this.#addresses.of(slot, i, scope);
    const summed = (address: string, x: Value): Value =>
      (adds === true ? instruction('f32', 'f32.add', loaded('f32', slot.storage, address), x) : x);
    if (!scope.isWide(index.free) && !scope.isWide(e.free)) {
      scope.line(stored(slot.type, slot.storage, at(index), summed(at(index), this.#expr(e, scope))));
      return;
    }
    const v = scope.wideVariable();
    const x = this.#widened(e, scope);
    if (lanesApart(index, v) === 1) {
      const sum = adds === true ? instruction('v128', 'f32x4.add', loadedWide(slot.storage, at(index)), x) : x;
      scope.line(storedWide(slot.storage, at(index), sum));
      return;
    }
    const held = this.#held(x, scope);
    for (let i = 0; i < 4; i++) {
      const entry = at(substitute(index, new Map([[v, componentOf(v, i)]])));
      const lane = instruction(slot.type, `${slot.type}x4.extract_lane ${i}`, held);
      scope.line(stored(slot.type, slot.storage, entry, summed(entry, lane)));
    }
  }

  /** Totals that were added up side by side are stored so. */
  #array(name: string, values: readonly Expr[], scope: Scope): void {
    for (let i = 0; i < values.length; i += 4) {
      const four = values.slice(i, i + 4);
      const beside = this.#folds.beside(four);
      if (beside === undefined) four.forEach((v, n) => this.#storeAt(name, constI(i + n), v, scope));
      else scope.line(`(v128.store ${this.#addresses.of(this.#slot(name), constI(i), scope)} ${local(beside)})`);
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
      const own = local(totalName(stem, component !== undefined || wide));
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
      case 'op': {
        const body = wide ? BODIES.get(e.op) : undefined;
        if (body !== undefined) return this.#inPlace(body, e.args.map(sub), scope);
        return operator(e.op, e.args.map(sub), laneType(e.args.at(-1) ?? e), wide, this.#use);
      }
      case 'int': return this.#int(e, scope, wide);
      case 'cast': return conversion(sub(e.x), laneType(e), wide);
      case 'load': return this.#load(e, scope, wide);
      case 'random': return this.#random(e, scope, wide);
      default: throw new Error(`emit: ${e.kind}`);
    }
  }

  /** Writes what a function does where it is called. */
  #inPlace(body: FunctionBody, args: readonly Value[], scope: Scope): Value {
    const names = new Map([...body.params, ...body.locals].map((name) => [name, this.#locals.fresh(name, 'v128')]));
    const lines = renamed(body, names);
    body.params.forEach((name, i) => scope.line(`(local.set $${names.get(name)} ${args[i].code})`));
    scope.line(...lines.slice(0, -1));
    return value('v128', lines.at(-1) ?? '');
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
    if (!wide) return loaded(slot.type, slot.storage, this.#addresses.of(slot, e.index, scope));
    const v = scope.wideVariable();
    if (lanesApart(e.index, v) === 1) {
      return loadedWide(slot.storage, this.#addresses.of(slot, e.index, scope));
    }
    return this.#components(e, scope);
  }

  /** Eight integers side by side; what several products take is loaded once. */
  #integers(e: LoadExpr, scope: Scope): Value {
    if (e.storage !== 'int8' && e.storage !== 'int16') throw new Error(`emit: integers kept as ${e.storage}`);
    const key = `integers ${e.key}`;
    const known = scope.known(key);
    if (known !== undefined) return value('v128', local(known));
    const name = this.#locals.fresh('integers', 'v128');
    scope.line(`(local.set $${name} ${loadedIntegers(e.storage, this.#addresses.of(this.#slot(e.buffer), e.index, scope))})`);
    scope.remember(key, name);
    return value('v128', local(name));
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

const laneType = (e: Expr): LaneType => (e.type === 'f32' ? 'f32' : 'i32');
