import { operands, rebuild, topological } from '../../../dsl/graph.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeInput } from '../../../dsl/nodes/leaves.ts';
import { emptyDense, stridesAlong, walk, type Dense, type Sizes } from '../../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../../compiler/interpret/interpret.ts';
import { bounded, U } from './number.ts';
import { evaluateBound, single } from './scalar.ts';

/** Exact values, and for every entry how far a kernel's single-precision result may lie from it. */
export interface BoundedDense {
  readonly value: Dense;
  readonly error: Float64Array;
}

/**
 * Running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 3.3): the interpreter's value of every
 * node, and a bound of the rounding error of any evaluation of the graph in single precision whose operations are as exact
 * as WGSL demands. The bound holds for every order of summation and for factors moved out of sums, which is all that fusion
 * changes.
 */
export function interpretWithBounds(roots: readonly Node[], env: Environment): readonly BoundedDense[] {
  const order = topological(roots);
  const values = interpret(order, env);
  const known = new Map<string, BoundedDense>();
  order.forEach((node, i) => {
    const xs = operands(node).map((x) => lookUp(known, x));
    known.set(node.key, { value: values[i], error: errorOf(node, values[i], xs, env.sizes ?? {}) });
  });
  return roots.map((r) => lookUp(known, r));
}

function lookUp(known: ReadonlyMap<string, BoundedDense>, node: Node): BoundedDense {
  const found = known.get(node.key);
  if (found === undefined) throw new Error(`bounds: ${node.kind} comes too late`);
  return found;
}

function errorOf(node: Node, value: Dense, xs: readonly BoundedDense[], sizes: Sizes): Float64Array {
  switch (node.kind) {
    case 'input': case 'parameter': case 'iota': case 'random': return new Float64Array(value.data.length);
    case 'constant': case 'table': return value.data.map((v) => single(v).error);
    case 'map': return mapErrors(node, value, xs);
    case 'reduce': return node.monoid === 'sum' ? sumErrors(node, value, xs, sizes)
      : node.monoid === 'prod' ? productErrors(value, xs[0], node.over.name) : moved(node, xs, sizes);
    case 'dot': return dotErrors(node, value, xs, sizes);
    case 'scatterAdd': return xs[1].error.some((e) => e > 0) ? value.data.map(() => Infinity) : sumErrors(node, value, xs, sizes);
    case 'gather': return gatherErrors(node, xs, sizes);
    case 'pad': case 'rename': case 'split': case 'merge': case 'slice': case 'concat': case 'freeze': case 'cache': case 'append':
      return moved(node, xs, sizes);
  }
}

/** The node's own operation on other numbers, operand by operand. */
function applied(node: Node, data: readonly Dense[], sizes: Sizes): Float64Array {
  const inputs = operands(node).map((x, i) => makeInput(`operand${i}`, x.axes, x.dtype, node.origin));
  const given = Object.fromEntries(data.map((d, i) => [`operand${i}`, d]));
  const changed = node.kind === 'pad' ? { ...node, value: 0 } : node;
  return interpret([rebuild(changed, inputs)], { inputs: given, sizes })[0].data;
}

const withData = (x: BoundedDense, data: Float64Array): Dense => ({ ...x.value, data });

/** Views move errors as they move values; a maximum errs no more than the worst of its terms. */
const moved = (node: Node, xs: readonly BoundedDense[], sizes: Sizes): Float64Array =>
  applied(node.kind === 'reduce' ? { ...node, monoid: 'max' } : node, xs.map((x) => withData(x, x.error)), sizes);

const magnitude = (x: BoundedDense): Dense => withData(x, x.value.data.map((v, i) => Math.abs(v) + x.error[i]));

function mapErrors(node: Extract<Node, { kind: 'map' }>, value: Dense, xs: readonly BoundedDense[]): Float64Array {
  const out = new Float64Array(value.data.length);
  walk(value.sizes, xs.map((x) => stridesAlong(x.value, value.names)), (offsets, linear) => {
    const args = xs.map((x, k) => ({ value: x.value.data[offsets[k]], error: x.error[offsets[k]] }));
    const result = evaluateBound(node.fn, args);
    out[linear] = node.dtype === 'i32' ? truncationError(result.value, result.error) : result.error;
  });
  return out;
}

/** Rounding towards zero is exact unless the error reaches over an integer. */
function truncationError(value: number, error: number): number {
  const [low, high] = [Math.trunc(value - error), Math.trunc(value + error)];
  return low === high && Math.abs(value) < 2 ** 24 ? 0 : error + 1;
}

/** n − 1 additions in any order, and up to four roundings of factors that are moved out of a sum or into it. */
const sumFactor = (n: number): number => (n + 4) * U * 1.001;

const sizeAlong = (x: BoundedDense, name: string): number => x.value.sizes[x.value.names.indexOf(name)];

function sumErrors(node: Extract<Node, { kind: 'reduce' | 'scatterAdd' }>, value: Dense, xs: readonly BoundedDense[], sizes: Sizes): Float64Array {
  const [x, ...index] = xs;
  const rest = index.map((i) => i.value);
  const carried = applied(node, [withData(x, x.error), ...rest], sizes);
  const total = applied(node, [magnitude(x), ...rest], sizes);
  const n = sizeAlong(x, node.over.name);
  return total.map((t, i) => bounded(value.data[i], carried[i] + sumFactor(n) * t).error);
}

/** Π(|xᵢ| + eᵢ)·(1 + u)ⁿ − Π|xᵢ| */
function productErrors(value: Dense, x: BoundedDense, over: string): Float64Array {
  const high = new Float64Array(value.data.length).fill(1);
  walk(x.value.sizes, [stridesAlong(value, x.value.names)], ([to], linear) => {
    high[to] *= Math.abs(x.value.data[linear]) + x.error[linear];
  });
  const n = sizeAlong(x, over);
  return high.map((h, i) => bounded(value.data[i], h * (1 + U) ** n - Math.abs(value.data[i]) + n * 2 ** -126).error);
}

function dotErrors(node: Extract<Node, { kind: 'dot' }>, value: Dense, [a, b]: readonly BoundedDense[], sizes: Sizes): Float64Array {
  const one = applied(node, [magnitude(a), withData(b, b.error)], sizes);
  const other = applied(node, [withData(a, a.error), magnitude(b)], sizes);
  const total = applied(node, [magnitude(a), magnitude(b)], sizes);
  const n = sizeAlong(a, node.over.name);
  return total.map((t, i) => bounded(value.data[i], one[i] + other[i] + sumFactor(n + 1) * t).error);
}

/** An index that may be off by one may fetch anything. */
function gatherErrors(node: Extract<Node, { kind: 'gather' }>, [x, index]: readonly BoundedDense[], sizes: Sizes): Float64Array {
  const carried = applied(node, [withData(x, x.error), index.value], sizes);
  const out = emptyDense(node.axes, sizes);
  walk(out.sizes, [stridesAlong(index.value, out.names)], ([i], linear) => {
    out.data[linear] = index.error[i] > 0 ? Infinity : carried[linear];
  });
  return out.data;
}

