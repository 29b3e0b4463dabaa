import { maxOf } from '../../dsl/axis.ts';
import type { Monoid, Node } from '../../dsl/node.ts';
import { applyOp } from '../../dsl/scalar/expr.ts';
import type { Drafted } from '../../compiler/draft.ts';
import type { Expr } from '../../compiler/expr/expr.ts';
import { emptyDense, walk, type Dense, type Sizes } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { randomUniform } from '../../compiler/interpret/random.ts';
import type { BoundNest, LocalArray, Spread, Stmt } from '../../compiler/loop/ir.ts';
import { memoryEntries, memoryStrides } from '../../compiler/program.ts';

/*
 * LoopIR run in double precision, one lane after the other: what the passes before emission mean, without a GPU. Every
 * load and store must lie inside its buffer, and every entry of a value must be stored once. Parts of a cell run one
 * after the other up to a barrier, so that what one reads of the others' too early is no number.
 */

const UNIT: Readonly<Record<Monoid, number>> = { sum: 0, compensated: 0, prod: 1, max: -Infinity, min: Infinity };
const COMBINE = { sum: 'add', compensated: 'add', prod: 'mul', max: 'max', min: 'min' } as const;

type Variables = Map<string, number>;

/** Runs all kernels of a program and gives its outputs. */
export function runLoops(d: Drafted, env: Environment): Readonly<Record<string, Dense>> {
  const memory = new Memory(d, env);
  for (const k of d.kernels) for (const nest of k.nests) new NestRun(nest, memory).run();
  return Object.fromEntries(d.outputs.map(([name, node]) => [name, memory.read(node)]));
}

/** Buffers by the key of their value, laid out for the largest sizes. */
class Memory {
  readonly sizes: Sizes;
  readonly #buffers = new Map<string, Float64Array>();

  constructor(d: Drafted, env: Environment) {
    this.sizes = env.sizes ?? {};
    for (const node of d.nodes.values()) this.#place(node, env);
    for (const c of d.kernels.flatMap((k) => k.computations)) {
      // An append writes into the state that it extends.
      const target = c.root.kind === 'append' ? this.#buffers.get(c.root.state.key) : undefined;
      this.#buffers.set(c.root.key, target ?? new Float64Array(entriesInMemory(c.root)).fill(NaN));
    }
  }

  #place(node: Node, env: Environment): void {
    if (node.kind !== 'input' && node.kind !== 'parameter' && node.kind !== 'table') return;
    const given = node.kind === 'table' ? { sizes: boundsOf(node), data: node.data } : (node.kind === 'input' ? env.inputs : env.parameters)?.[node.name];
    const data = new Float64Array(entriesInMemory(node));
    if (given !== undefined) walk(given.sizes, [stridesOf(node)], ([at], linear) => { data[at] = given.data[linear]; });
    this.#buffers.set(node.key, data);
  }

  buffer(key: string): Float64Array {
    const found = this.#buffers.get(key);
    if (found === undefined) throw new Error(`loops: no buffer for ${key}`);
    return found;
  }

  read(node: Node): Dense {
    const out = emptyDense(node.axes, this.sizes);
    const data = this.buffer(node.key);
    walk(out.sizes, [stridesOf(node)], ([at], linear) => { out.data[linear] = data[at]; });
    return out;
  }
}

const boundsOf = (node: Node): readonly number[] => node.axes.map((a) => maxOf(a.size));
const stridesOf = (node: Node): readonly number[] => memoryStrides(boundsOf(node));
const entriesInMemory = (node: Node): number => memoryEntries(boundsOf(node));

class NestRun {
  readonly #nest: BoundNest;
  readonly #memory: Memory;
  readonly #stored = new Set<string>();
  #locals = new Map<string, Float64Array>();

  constructor(nest: BoundNest, memory: Memory) {
    this.#nest = nest;
    this.#memory = memory;
  }

  run(): void {
    const { grid } = this.#nest;
    const extents = grid.map((d) => Math.ceil(this.#value(d.extent, new Map()) / d.step));
    walk(extents, [], (_offsets, _linear, index) => {
      const at = new Map(grid.map((d, i) => [d.v.name, index[i] * d.step]));
      const { locals, parts } = this.#nest;
      const shared = arraysFor(locals.filter((l) => l.dealt === undefined));
      const runs = Array.from({ length: parts?.count ?? 1 }, (_, part) => ({
        locals: new Map([...shared, ...arraysFor(locals.filter((l) => l.dealt !== undefined))]),
        vars: new Map(parts === undefined ? at : [...at, [parts.v.name, part]]),
      }));
      for (const section of sectionsOf(this.#nest.body)) {
        for (const run of runs) {
          this.#locals = run.locals;
          this.#block(section, run.vars);
        }
      }
    });
  }

  #block(body: readonly Stmt[], vars: Variables): void {
    for (const s of body) this.#statement(s, vars);
  }

  #statement(s: Stmt, vars: Variables): void {
    switch (s.kind) {
      case 'let': case 'state': case 'assign': vars.set(s.v.name, this.#value(s.value, vars)); return;
      case 'loop': {
        const n = this.#value(s.loop.extent, vars);
        const outer = vars.get(s.loop.v.name);
        for (let i = 0; i < n; i++) this.#block(s.body, vars.set(s.loop.v.name, i));
        restore(vars, s.loop.v.name, outer);
        return;
      }
      case 'fold': this.#fold(s, vars); return;
      case 'guard': if (this.#value(s.condition, vars) !== 0) this.#block(s.body, vars); return;
      case 'array': this.#locals.set(s.name, Float64Array.from(s.values, (e) => this.#value(e, vars))); return;
      case 'store': this.#store(s, vars); return;
      case 'barrier':
        if (this.#nest.parts !== undefined) throw new Error('loops: a barrier that not all parts may come to');
        return;
    }
  }

  #fold(s: Extract<Stmt, { kind: 'fold' }>, vars: Variables): void {
    const n = this.#value(s.loop.extent, vars);
    const outer = vars.get(s.loop.v.name);
    const totals = s.totals.map((t) => UNIT[t.monoid]);
    for (let i = 0; i < n; i++) {
      vars.set(s.loop.v.name, i);
      for (const spread of s.spreads ?? []) this.#spread(spread, vars);
      s.totals.forEach((t, k) => { totals[k] = applyOp(COMBINE[t.monoid], totals[k], this.#value(t.value, vars)); });
    }
    restore(vars, s.loop.v.name, outer);
    const dealt = s.dealtTo?.map((name) => this.#locals.get(name) ?? this.#valueNamed(name));
    const each = totals.length / (dealt?.length ?? 1);
    s.totals.forEach((t, k) => {
      if (dealt === undefined) vars.set(t.v.name, totals[k]);
      else dealt[Math.floor(k / each)][k % each] = totals[k];
    });
  }

  #spread({ lane, value, values }: Spread, vars: Variables): void {
    values.forEach((v, i) => vars.set(v.name, this.#value(value, new Map(vars).set(lane.name, i))));
  }

  #store(s: Extract<Stmt, { kind: 'store' }>, vars: Variables): void {
    const local = this.#locals.get(s.buffer);
    const data = local ?? this.#valueNamed(s.buffer);
    const index = this.#value(s.index, vars);
    inside(index, data, this.#nest);
    const place = `${s.buffer}[${index}]`;
    if (s.adds === true) {
      if (!this.#stored.has(place)) throw new Error(`loops: ${this.#nest.name} adds to ${place} before it is stored`);
      data[index] += this.#value(s.value, vars);
      return;
    }
    if (local === undefined) this.#storeOnce(place);
    data[index] = this.#value(s.value, vars);
  }

  /** The stored value that the nest has a name for. */
  #valueNamed(name: string): Float64Array {
    return this.#memory.buffer(this.#nest.values.get(name) ?? name);
  }

  #storeOnce(place: string): void {
    if (this.#stored.has(place)) throw new Error(`loops: ${this.#nest.name} stores ${place} twice`);
    this.#stored.add(place);
  }

  #value(e: Expr, vars: Variables, known = new Map<string, number>()): number {
    const found = known.get(e.key);
    if (found !== undefined) return found;
    const value = this.#compute(e, vars, (x) => this.#value(x, vars, known));
    known.set(e.key, value);
    return value;
  }

  #compute(e: Expr, vars: Variables, sub: (x: Expr) => number): number {
    switch (e.kind) {
      case 'const': return e.value;
      case 'var': return bound(vars.get(e.name), e.name);
      case 'size': return bound(this.#memory.sizes[e.name], e.name);
      case 'op': return applyOp(e.op, sub(e.args[0]), ...e.args.slice(1).map(sub));
      case 'int': return integer(e.op, sub(e.a), sub(e.b));
      case 'cast': return e.type === 'i32' ? Math.trunc(sub(e.x)) : sub(e.x);
      case 'load': {
        const data = this.#locals.get(e.buffer) ?? this.#valueNamed(e.buffer);
        const index = sub(e.index);
        inside(index, data, this.#nest);
        return data[index];
      }
      case 'random': return randomUniform(e.seed, sub(e.index));
      case 'reduce': throw new Error('loops: a reduction that no statement computes');
    }
  }
}

const arraysFor = (locals: readonly LocalArray[]): Map<string, Float64Array> =>
  new Map(locals.map((l) => [l.name, new Float64Array(l.size).fill(NaN)]));

/** What stands between the barriers of a body. */
function sectionsOf(body: readonly Stmt[]): readonly (readonly Stmt[])[] {
  const sections: Stmt[][] = [[]];
  for (const s of body) {
    if (s.kind === 'barrier') sections.push([]);
    else sections[sections.length - 1].push(s);
  }
  return sections;
}

/** A loop's variable ends with the loop, and one of its name around it comes back. */
function restore(vars: Variables, name: string, outer: number | undefined): void {
  if (outer === undefined) vars.delete(name);
  else vars.set(name, outer);
}

function bound(value: number | undefined, name: string): number {
  if (value === undefined) throw new Error(`loops: "${name}" has no value`);
  return value;
}

function inside(index: number, data: Float64Array, nest: BoundNest): void {
  if (!Number.isInteger(index) || index < 0 || index >= data.length) {
    throw new Error(`loops: ${nest.name} reaches for entry ${index} of ${data.length}`);
  }
}

/** Integer arithmetic as WGSL has it: division towards zero. */
export function integer(name: 'add' | 'mul' | 'div' | 'mod' | 'min' | 'max', a: number, b: number): number {
  switch (name) {
    case 'add': return a + b;
    case 'mul': return a * b;
    case 'div': return Math.trunc(a / b);
    case 'mod': return a % b;
    case 'min': return Math.min(a, b);
    case 'max': return Math.max(a, b);
  }
}
