import { maxOf, type Axis } from '../../dsl/axis.ts';
import { RicciError } from '../../dsl/errors.ts';
import { operands, topological } from '../../dsl/graph.ts';
import type { Monoid, Node, RoundedStorage } from '../../dsl/node.ts';
import { applyOp, evaluate } from '../../dsl/scalar/expr.ts';
import { LARGEST } from '../program.ts';
import { emptyDense, reorder, rowMajor, sizeOf, stridesAlong, walk, type Dense, type Sizes } from './dense.ts';
import { randomUniform } from './random.ts';

/** What a graph is run on: tensors by name, and a number for every symbolic size. */
export interface Environment {
  readonly inputs?: Readonly<Record<string, Dense>>;
  readonly parameters?: Readonly<Record<string, Dense>>;
  readonly sizes?: Sizes;
}

/**
 * The meaning of the language: evaluates a graph in double precision, one node after the other, with no fusion and no
 * staging (`freeze` is the identity, `cache` a rename). Every pass and every kernel is compared with this.
 * @param round what becomes of each number of each value; with `Math.fround`, the result differs from the exact one by
 * what rounding every value once to single precision does
 */
export function interpret(
  roots: readonly Node[], env: Environment = {}, round?: (x: number) => number,
): readonly Dense[] {
  const values = new Map<string, Dense>();
  const remaining = countUses(roots);
  for (const node of topological(roots)) {
    const xs = operands(node).map((x) => valueOf(x, values));
    const value = evaluateNode(node, xs, env);
    values.set(node.key, round === undefined ? value : { ...value, data: value.data.map(round) });
    for (const x of operands(node)) release(x, remaining, values);
  }
  return roots.map((r) => valueOf(r, values));
}

function countUses(roots: readonly Node[]): Map<string, number> {
  const uses = new Map<string, number>(roots.map((r) => [r.key, Infinity]));
  for (const node of topological(roots)) {
    for (const x of operands(node)) uses.set(x.key, (uses.get(x.key) ?? 0) + 1);
  }
  return uses;
}

function release(node: Node, remaining: Map<string, number>, values: Map<string, Dense>): void {
  const left = (remaining.get(node.key) ?? 0) - 1;
  remaining.set(node.key, left);
  if (left === 0) values.delete(node.key);
}

function valueOf(node: Node, values: ReadonlyMap<string, Dense>): Dense {
  const value = values.get(node.key);
  if (value === undefined) throw new Error(`interpreter: ${node.kind} was used before it was computed`);
  return value;
}

function evaluateNode(node: Node, xs: readonly Dense[], env: Environment): Dense {
  const sizes = env.sizes ?? {};
  switch (node.kind) {
    case 'input': return given(node.name, 'input', node.axes, env.inputs, sizes);
    case 'parameter': return given(node.name, 'parameter', node.axes, env.parameters, sizes);
    case 'constant': return { names: [], sizes: [], data: Float64Array.of(node.value) };
    case 'table': return { ...emptyDense(node.axes, sizes), data: node.data };
    case 'iota': return fill(node, sizes, (_, [i]) => i);
    case 'random': return drawn(node, sizes);
    case 'map': return mapped(node, xs, sizes);
    case 'quantize': return quantized(xs[0], node.storage);
    case 'reduce': return reduced(node, xs[0], sizes);
    case 'dot': return contracted(node, xs[0], xs[1], sizes);
    case 'gather': return gathered(node, xs[0], xs[1], sizes);
    case 'scatterAdd': return scattered(node, xs[0], xs[1], sizes);
    case 'append': return appended(node, xs, sizes);
    case 'freeze': case 'stopGradient': return xs[0];
    case 'rename': case 'cache': return { ...xs[0], names: node.axes.map((a) => a.name) };
    case 'split': return { ...emptyDense(node.axes, sizes), data: xs[0].data };
    case 'merge': return merged(node, xs[0], sizes);
    case 'slice': return taken(node, xs[0], sizes, node.axis.name, node.start, 0);
    case 'pad': return taken(node, xs[0], sizes, node.axis.name, -node.before, node.value);
    case 'concat': return joined(node, xs, sizes);
  }
}

function quantized(x: Dense, storage: RoundedStorage): Dense {
  if (storage === 'f16') return { ...x, data: x.data.map((v) => applyOp('toF16', v)) };
  const largest = LARGEST[storage];
  return { ...x, data: x.data.map((v) => Math.max(-largest, Math.min(largest, applyOp('round', v)))) };
}

function given(
  name: string,
  what: string,
  axes: readonly Axis[],
  from: Readonly<Record<string, Dense>> | undefined,
  sizes: Sizes,
): Dense {
  const value = from?.[name];
  const expected = axes.map((a) => sizeOf(a.size, sizes));
  if (
    value === undefined
    || value.sizes.join() !== expected.join()
    || value.names.join() !== axes.map((a) => a.name).join()
  ) {
    throw new RicciError({
      code: 'interpret/missing',
      message: `The ${what} "${name}" [${axes.map((a, i) => `${a.name}: ${expected[i]}`).join(', ')}] was ${
        value === undefined
          ? 'not given'
          : `given as [${value.names.map((n, i) => `${n}: ${value.sizes[i]}`).join(', ')}]`
      }.`,
      hint: 'Give every input and parameter with its axes in the declared order.',
    });
  }
  return value;
}

function fill(node: Node, sizes: Sizes, value: (linear: number, index: readonly number[]) => number): Dense {
  const out = emptyDense(node.axes, sizes);
  walk(out.sizes, [], (_, linear, index) => { out.data[linear] = value(linear, index); });
  return out;
}

/** Counted by the largest sizes: a number depends on its index, and not on how much of an axis a run uses. */
function drawn(node: Extract<Node, { kind: 'random' }>, sizes: Sizes): Dense {
  const strides = rowMajor(node.axes.map((a) => maxOf(a.size)));
  return fill(node, sizes, (_, index) => randomUniform(node.seed, index.reduce((n, at, d) => n + at * strides[d], 0)));
}

function mapped(node: Extract<Node, { kind: 'map' }>, xs: readonly Dense[], sizes: Sizes): Dense {
  const out = emptyDense(node.axes, sizes);
  const args = xs.map(() => 0);
  walk(out.sizes, xs.map((x) => stridesAlong(x, out.names)), (offsets, linear) => {
    for (let k = 0; k < xs.length; k++) args[k] = xs[k].data[offsets[k]];
    const value = evaluate(node.fn, args);
    out.data[linear] = node.dtype === 'i32' ? Math.trunc(value) : value;
  });
  return out;
}

const UNIT: Readonly<Record<Monoid, number>> = { sum: 0, compensated: 0, prod: 1, max: -Infinity, min: Infinity };

export function combine(monoid: Monoid, a: number, b: number): number {
  switch (monoid) {
    case 'sum': case 'compensated': return a + b;
    case 'prod': return a * b;
    case 'max': return Math.max(a, b);
    case 'min': return Math.min(a, b);
  }
}

function reduced(node: Extract<Node, { kind: 'reduce' }>, x: Dense, sizes: Sizes): Dense {
  const out = emptyDense(node.axes, sizes);
  out.data.fill(UNIT[node.monoid]);
  walk(x.sizes, [stridesAlong(out, x.names)], ([at], linear) => {
    out.data[at] = combine(node.monoid, out.data[at], x.data[linear]);
  });
  return out;
}

function contracted(node: Extract<Node, { kind: 'dot' }>, a: Dense, b: Dense, sizes: Sizes): Dense {
  const out = emptyDense(node.axes, sizes);
  const n = a.sizes[a.names.indexOf(node.over.name)];
  const [sa, sb] = [stridesAlong(a, [node.over.name])[0], stridesAlong(b, [node.over.name])[0]];
  walk(out.sizes, [stridesAlong(a, out.names), stridesAlong(b, out.names)], ([ia, ib], linear) => {
    let total = 0;
    for (let k = 0; k < n; k++) total += a.data[ia + k * sa] * b.data[ib + k * sb];
    out.data[linear] = total;
  });
  return out;
}

function gathered(node: Extract<Node, { kind: 'gather' }>, x: Dense, index: Dense, sizes: Sizes): Dense {
  const out = emptyDense(node.axes, sizes);
  const along = stridesAlong(x, [node.axis.name])[0];
  const last = x.sizes[x.names.indexOf(node.axis.name)] - 1;
  walk(out.sizes, [stridesAlong(x, out.names), stridesAlong(index, out.names)], ([ix, ii], linear) => {
    out.data[linear] = x.data[ix + Math.min(Math.max(index.data[ii], 0), last) * along];
  });
  return out;
}

function scattered(node: Extract<Node, { kind: 'scatterAdd' }>, x: Dense, index: Dense, sizes: Sizes): Dense {
  const out = emptyDense(node.axes, sizes);
  const size = out.sizes[0];
  const step = rowMajor(out.sizes)[0];
  const names = [node.over.name, ...out.names.slice(1)];
  const extents = [sizeOf(node.over.size, sizes), ...out.sizes.slice(1)];
  const strides = [stridesAlong(x, names), stridesAlong(index, names), [0, ...rowMajor(out.sizes).slice(1)]];
  walk(extents, strides, ([ix, ii, io]) => {
    const target = index.data[ii];
    if (target >= 0 && target < size) out.data[io + target * step] += x.data[ix];
  });
  return out;
}

function appended(node: Extract<Node, { kind: 'append' }>, [state, x, at]: readonly Dense[], sizes: Sizes): Dense {
  const out = { ...emptyDense(node.axes, sizes), data: Float64Array.from(state.data) };
  const names = out.names.map((n) => (n === node.to.name ? node.from.name : n));
  const extents = out.sizes.map((s, d) => (out.names[d] === node.to.name ? sizeOf(node.from.size, sizes) : s));
  const own = rowMajor(out.sizes);
  const grow = own[out.names.indexOf(node.to.name)];
  const limit = out.sizes[out.names.indexOf(node.to.name)];
  const atStrides = at === undefined ? names.map(() => 0) : stridesAlong(at, names);
  const row = names.indexOf(node.from.name);
  walk(extents, [stridesAlong(x, names), atStrides, own], ([ix, ia, io], _, index) => {
    const start = at === undefined ? 0 : at.data[ia];
    if (start + index[row] < limit) out.data[io + start * grow] = x.data[ix];
  });
  return out;
}

function merged(node: Extract<Node, { kind: 'merge' }>, x: Dense, sizes: Sizes): Dense {
  const target = node.axes.map((a) => a.name);
  const order = target.flatMap((n) => (n === node.to.name ? [node.outer.name, node.inner.name] : [n]));
  return { ...emptyDense(node.axes, sizes), data: reorder(x, order).data };
}

/** Slice and pad: the operand shifted along one axis, `value` where it has no entry. */
function taken(node: Node, x: Dense, sizes: Sizes, name: string, shift: number, value: number): Dense {
  const out = emptyDense(node.axes, sizes);
  const axis = out.names.indexOf(name);
  const limit = x.sizes[axis];
  const step = rowMajor(x.sizes)[axis];
  walk(out.sizes, [stridesAlong(x, out.names)], ([ix], linear, index) => {
    const at = index[axis] + shift;
    out.data[linear] = at < 0 || at >= limit ? value : x.data[ix + shift * step];
  });
  return out;
}

function joined(node: Extract<Node, { kind: 'concat' }>, xs: readonly Dense[], sizes: Sizes): Dense {
  const out = emptyDense(node.axes, sizes);
  const axis = out.names.indexOf(node.axis.name);
  const own = rowMajor(out.sizes);
  let start = 0;
  for (const x of xs) {
    const extent = x.names.includes(node.axis.name) ? x.sizes[x.names.indexOf(node.axis.name)] : 1;
    const shape = out.sizes.map((s, d) => (d === axis ? extent : s));
    const base = start * own[axis];
    walk(shape, [stridesAlong(x, out.names), own], ([ix, io]) => { out.data[base + io] = x.data[ix]; });
    start += extent;
  }
  return out;
}
