import { constI, variable, type Expr, type LoadExpr } from '../../expr/expr.ts';
import { iadd } from '../../expr/int.ts';
import { substitute } from '../../expr/rewrite.ts';
import { placeOfFour } from '../../fuse/strides.ts';
import type { Loop, LoopNest, Stmt } from '../../loop/ir.ts';
import { loadsVector } from '../../lower/common.ts';
import { Uses } from '../uses.ts';
import { LaneVariables, turnsOf } from './dealt.ts';
import { Folds } from './folds.ts';
import { VariableNames } from './names.ts';
import { Needs } from './needs.ts';
import { atom, floatLiteral, intOperator, MIXES, operator, vectorOperator, within, type Text } from './operators.ts';
import type { Scope } from './scope.ts';
import { localSlot, type Slot, type Slots } from './slots.ts';
import { arraysOf, foursOf, leadingStores, variablesOf, type StoreStmt } from './statements.ts';
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
  readonly #folds: Folds;
  readonly needs = new Needs();
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
    this.#folds = new Folds({
      lanes: nest.lanes, variables: this.#lanes, names: this.names, needs: this.needs,
      write: {
        expr: (e, scope) => this.#expr(e, scope),
        widened: (e, scope) => this.#widened(e, scope),
        header: (loop, scope, from) => this.#header(loop, scope, from),
        arrayName: (name) => this.#slotOf(name).variable,
      },
    });
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
      case 'fold': this.#folds.fold(s, scope); return;
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
    this.needs.spreads = true;
    const [at, from] = [turn, lane].map((e) => this.#expr(e, scope).code);
    const entry = run === 4 ? `${slot.variable}[${at}][${this.#expr(place, scope).code}]` : `${slot.variable}[${at}]`;
    return atom(`subgroupShuffle(${entry}, u32(${from}))`);
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

/** What an expression is for one of the four values of the loop variable that is taken four at a time. */
function entryOf(e: Expr, i: number, scope: Scope): Expr {
  const v = scope.wideVariable();
  return substitute(e, new Map([[v, scope.isSingle(v) ? constI(i) : variable(`${v}@${i}`, Infinity)]]));
}

const integer = (value: number): Text => (value < 0 ? { code: String(value), strength: 7 } : atom(String(value)));
