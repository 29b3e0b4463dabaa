import { rewrite } from '../../dsl/graph.ts';
import type { DotNode, MapNode, Node, ParameterNode, QuantizeNode, WeightStorage } from '../../dsl/node.ts';
import { makeDot, makeReduce } from '../../dsl/nodes/contraction.ts';
import { makeParameter } from '../../dsl/nodes/leaves.ts';
import { makeMap } from '../../dsl/nodes/pointwise.ts';
import { makeQuantize } from '../../dsl/nodes/quantize.ts';
import type { ScalarExpr } from '../../dsl/scalar/expr.ts';
import { traced } from '../../dsl/scalar/traced.ts';
import type { Profile } from '../loop/schedule.ts';
import { LARGEST } from '../program.ts';

/*
 * narrow: graph → graph in which some weights are kept in fewer bits, and values in half precision are rounded.
 * A weight in int8 becomes a product: integers, and one scale for each row along its last axis. In a contraction along
 * that axis the scale multiplies the total. What the integers are multiplied with is the target's choice: numbers as
 * they are, or rounded to 16 bits in steps of their own for each row, which then multiply the total too. The rounding is
 * a part of the graph, so that it is the same in all programs of a model.
 */

/** How a weight is to be kept, by its name; undefined where its parameter decides. */
export type StorageOf = (weight: string) => WeightStorage | undefined;

/** What integer weights are multiplied with. */
export type Factors = 'f32' | 'int16';

/**
 * Vectors multiply integers twice as fast as they widen them, so there the other factor is rounded to an integer too.
 * Lanes multiply f32 as fast as they load weights, and to round would be an error and a dispatch for nothing.
 */
export const factorsFor = ({ cells }: Pick<Profile, 'cells'>): Factors => (cells === 'vectors' ? 'int16' : 'f32');

const SUFFIX = ':scale';

/** The name of the weight that holds the scales of an integer weight's rows. */
export const scaleName = (weight: string): string => `${weight}${SUFFIX}`;

/** Whether a parameter of a compiled program holds scales, and is in no checkpoint. */
export const isScale = (parameter: string): boolean => parameter.endsWith(SUFFIX);

export function narrow(roots: readonly Node[], storage: StorageOf, factors: Factors): readonly Node[] {
  return rewrite(roots, (node) => {
    if (node.kind === 'parameter') return kept(node, storage(node.name) ?? node.storage);
    if (node.kind === 'quantize' && node.storage === 'f16') return asMap(node);
    return node.kind === 'dot' ? contracted(node, factors) : node;
  });
}

function kept(node: ParameterNode, storage: WeightStorage): Node {
  if (storage === node.storage || node.storage !== 'f32' || isScale(node.name)) return node;
  const stored = makeParameter(node.name, node.axes, node.dtype, node.origin, storage);
  if (storage !== 'int8') return stored;
  const scale = makeParameter(scaleName(node.name), node.axes.slice(0, -1), node.dtype, node.origin);
  return makeMap(PRODUCT, [stored, scale], node.dtype, node.origin);
}

/**
 * Where the scales do not vary along the range: Σ x·(q·s) = s·Σ x·q, and with integers, up to the rounding,
 * = step·s·Σ round(x / step)·q.
 */
function contracted(dot: DotNode, factors: Factors): Node {
  const { over, origin } = dot;
  const weight = [dot.a, dot.b].find((n): n is MapNode => isScaled(n, over.name));
  if (weight === undefined || dot.monoid !== 'sum') return dot;
  const [integers, scale] = weight.args;
  const map = (fn: ScalarExpr, ...args: Node[]): Node => makeMap(fn, args, 'f32', origin);
  const times = (x: Node): Node =>
    (weight === dot.a ? makeDot(integers, x, over.name, origin) : makeDot(x, integers, over.name, origin));
  const x = weight === dot.a ? dot.b : dot.a;
  if (factors === 'f32') return map(PRODUCT, times(x), scale);
  const step = map(STEP, makeReduce('max', map(MAGNITUDE, x), over.name, origin));
  const rounded = makeQuantize(map(QUOTIENT, x, step), 'int16', origin);
  return map(PRODUCT, times(rounded), map(PRODUCT, step, scale));
}

/** A value in half precision is kept as f32, whatever its numbers are: kernels store no halves of words. */
const asMap = ({ x, dtype, origin }: QuantizeNode): Node => makeMap(TO_F16, [x], dtype, origin);

/** Whether a value is integers by their scales, which do not vary along an axis. */
function isScaled(n: Node, over: string): boolean {
  if (n.kind !== 'map' || n.fn !== PRODUCT) return false;
  const [integers] = n.args;
  return integers.kind === 'parameter' && integers.storage === 'int8' && integers.axes.at(-1)?.name === over;
}

/** A row whose numbers are all less than this is rounded to nothing. */
const LEAST = 1e-30;

const TO_F16 = traced(1, (x) => x.toF16()).expr;
const PRODUCT = traced(2, (a, b) => a.mul(b)).expr;
const QUOTIENT = traced(2, (a, b) => a.div(b)).expr;
const MAGNITUDE = traced(1, (a) => a.abs()).expr;
/** What turns a row's largest number into the largest integer. */
const STEP = traced(1, (largest) => largest.max(LEAST).div(LARGEST.int16)).expr;
