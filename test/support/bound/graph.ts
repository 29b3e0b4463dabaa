import { operands, rebuild, topological } from '../../../dsl/graph.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeInput } from '../../../dsl/nodes/leaves.ts';
import { emptyDense, stridesAlong, walk, type Dense, type Sizes } from '../../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../../compiler/interpret/interpret.ts';
import { bounded, U } from './number.ts';
import { evaluateBound, held } from './scalar.ts';

/** Exact values, and for every entry how far a kernel's single-precision result may lie from it. */
export interface BoundedDense {
  readonly value: Dense;
  readonly error: Float64Array;
}

/**
 * Running error analysis (Higham, Accuracy and Stability of Numerical Algorithms, 3.3): the interpreter's value of
 * every node, and a bound of the rounding error of any evaluation of the graph in an arithmetic of rounding unit `u`
 * (single precision unless it is given) whose operations are as exact as WGSL demands. The bound holds for every order
 * of summation and for factors moved out of sums, which is all that fusion changes.
 */
export function interpretWithBounds(roots: readonly Node[], env: Environment, u = U): readonly BoundedDense[] {
  const order = topological(roots);
  const values = interpret(order, env);
  const known = new Map<string, BoundedDense>();
  order.forEach((node, i) => {
    const xs = operands(node).map((x) => lookUp(known, x));
    known.set(node.key, { value: values[i], error: new Errors(env.sizes ?? {}, u).of(node, values[i], xs) });
  });
  return roots.map((r) => lookUp(known, r));
}

function lookUp(known: ReadonlyMap<string, BoundedDense>, node: Node): BoundedDense {
  const found = known.get(node.key);
  if (found === undefined) throw new Error(`bounds: ${node.kind} comes too late`);
  return found;
}

type SumNode = Extract<Node, { kind: 'reduce' | 'scatterAdd' }>;

const isExact = (x: BoundedDense): boolean => x.error.every((e) => e === 0);

/** The errors of one node's entries, from those of its operands. */
class Errors {
  readonly #sizes: Sizes;
  readonly #u: number;

  constructor(sizes: Sizes, u: number) {
    this.#sizes = sizes;
    this.#u = u;
  }

  of(node: Node, value: Dense, xs: readonly BoundedDense[]): Float64Array {
    const errors = this.#own(node, value, xs);
    return node.dtype === 'i32' ? errors.map((e, i) => integerError(value.data[i], e)) : errors;
  }

  #own(node: Node, value: Dense, xs: readonly BoundedDense[]): Float64Array {
    switch (node.kind) {
      case 'parameter': return value.data.map((v) => (node.storage === 'f16' ? unpackingError(v) : 0));
      case 'input': case 'iota': case 'random': return new Float64Array(value.data.length);
      case 'constant': case 'table': return value.data.map((v) => held(v, this.#u).error);
      case 'map': return this.#map(node, value, xs);
      case 'reduce': return this.#reduce(node, value, xs);
      case 'dot': return this.#dot(node, value, xs);
      case 'quantize': return this.#quantize(node, value, xs[0]);
      case 'scatterAdd': return isExact(xs[1]) ? this.#sum(node, value, xs) : value.data.map(() => Infinity);
      case 'gather': return this.#gather(node, xs);
      case 'pad': return this.#moved({ ...node, value: held(node.value, this.#u).error }, xs);
      case 'rename': case 'split': case 'merge': case 'slice': case 'concat':
      case 'freeze': case 'cache': case 'stopGradient':
        return this.#moved(node, xs);
      case 'append': return this.#append(node, xs);
    }
  }

  /** The node's own operation on other numbers, operand by operand. */
  #applied(node: Node, data: readonly Dense[]): Float64Array {
    const inputs = operands(node).map((x, i) => makeInput(`operand${i}`, x.axes, x.dtype, node.origin));
    const given = Object.fromEntries(data.map((d, i) => [`operand${i}`, d]));
    return interpret([rebuild(node, inputs)], { inputs: given, sizes: this.#sizes })[0].data;
  }

  /** Views move errors as they move values. */
  #moved(node: Node, xs: readonly BoundedDense[]): Float64Array {
    return this.#applied(node, xs.map((x) => withData(x, x.error)));
  }

  #map(node: Extract<Node, { kind: 'map' }>, value: Dense, xs: readonly BoundedDense[]): Float64Array {
    const out = new Float64Array(value.data.length);
    walk(value.sizes, xs.map((x) => stridesAlong(x.value, value.names)), (offsets, linear) => {
      const args = xs.map((x, k) => ({ value: x.value.data[offsets[k]], error: x.error[offsets[k]] }));
      const result = evaluateBound(node.fn, args, this.#u);
      out[linear] = node.dtype === 'i32' ? truncationError(result.value, result.error) : result.error;
    });
    return out;
  }

  /** Rounding is monotone: the farthest results are those of the farthest arguments. */
  #quantize(node: Node, value: Dense, x: BoundedDense): Float64Array {
    const farthest = [1, -1].map((side) =>
      this.#applied(node, [withData(x, x.value.data.map((v, i) => v + side * x.error[i]))]));
    return value.data.map((v, i) => Math.max(farthest[0][i] - v, v - farthest[1][i]));
  }

  #reduce(node: Extract<Node, { kind: 'reduce' }>, value: Dense, xs: readonly BoundedDense[]): Float64Array {
    switch (node.monoid) {
      case 'sum': case 'compensated': return this.#sum(node, value, xs);
      case 'prod': return this.#product(node, value, xs[0]);
      // A maximum or minimum errs no more than the worst of its terms.
      case 'max': case 'min': return this.#moved({ ...node, monoid: 'max' }, xs);
    }
  }

  /** n − 1 additions in any order, and up to four roundings of factors that are moved out of a sum or into it. */
  #sumFactor(n: number): number {
    return (n + 4) * this.#u * 1.001;
  }

  #sum(node: SumNode, value: Dense, xs: readonly BoundedDense[]): Float64Array {
    const [x, ...index] = xs;
    const rest = index.map((i) => i.value);
    const carried = this.#applied(node, [withData(x, x.error), ...rest]);
    const total = this.#applied(node, [magnitude(x), ...rest]);
    const factor = this.#sumFactor(sizeAlong(x, node.over.name));
    return total.map((t, i) => bounded(value.data[i], carried[i] + factor * t).error);
  }

  /** Π(|xᵢ| + eᵢ)·(1 + u)ⁿ − Π|xᵢ| */
  #product(node: Extract<Node, { kind: 'reduce' }>, value: Dense, x: BoundedDense): Float64Array {
    const n = sizeAlong(x, node.over.name);
    const high = this.#applied(node, [magnitude(x)]);
    const grown = high.map((h, i) => h * (1 + this.#u) ** n - Math.abs(value.data[i]) + n * 2 ** -126);
    return grown.map((e, i) => bounded(value.data[i], e).error);
  }

  #dot(node: Extract<Node, { kind: 'dot' }>, value: Dense, [a, b]: readonly BoundedDense[]): Float64Array {
    const one = this.#applied(node, [magnitude(a), withData(b, b.error)]);
    const other = this.#applied(node, [withData(a, a.error), magnitude(b)]);
    const total = this.#applied(node, [magnitude(a), magnitude(b)]);
    const factor = this.#sumFactor(sizeAlong(a, node.over.name) + 1);
    return total.map((t, i) => bounded(value.data[i], one[i] + other[i] + factor * t).error);
  }

  /** Rows move with their errors; a place that may be off by one may write over anything. */
  #append(node: Node, [state, x, at]: readonly BoundedDense[]): Float64Array {
    const place = at === undefined ? [] : [at.value];
    const errors = this.#applied(node, [withData(state, state.error), withData(x, x.error), ...place]);
    return at === undefined || isExact(at) ? errors : errors.map(() => Infinity);
  }

  /** An index that may be off by one may fetch anything. */
  #gather(node: Extract<Node, { kind: 'gather' }>, [x, index]: readonly BoundedDense[]): Float64Array {
    const carried = this.#applied(node, [withData(x, x.error), index.value]);
    const out = emptyDense(node.axes, this.#sizes);
    walk(out.sizes, [stridesAlong(index.value, out.names)], ([i], linear) => {
      out.data[linear] = index.error[i] > 0 ? Infinity : carried[linear];
    });
    return out.data;
  }
}

const withData = (x: BoundedDense, data: Float64Array): Dense => ({ ...x.value, data });

const magnitude = (x: BoundedDense): Dense => withData(x, x.value.data.map((v, i) => Math.abs(v) + x.error[i]));

const sizeAlong = (x: BoundedDense, name: string): number => x.value.sizes[x.value.names.indexOf(name)];

/** Below binary16's normal numbers, unpacking may flush to zero (WGSL, floating-point evaluation). */
const unpackingError = (half: number): number => (Math.abs(half) < 2 ** -14 ? Math.abs(half) : 0);

/** Where integers leave 32 bits, one device wraps and another one saturates. */
const integerError = (value: number, error: number): number =>
  Math.abs(value) + error < 2 ** 31 ? error : Infinity;

/** Rounding towards zero is exact unless the error reaches over an integer. */
function truncationError(value: number, error: number): number {
  const [low, high] = [Math.trunc(value - error), Math.trunc(value + error)];
  return low === high && Math.abs(value) < 2 ** 24 ? 0 : error + 1;
}
