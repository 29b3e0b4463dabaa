import { rewrite } from '../../dsl/graph.ts';
import type { DotNode, MapNode, Node, ParameterNode, WeightStorage } from '../../dsl/node.ts';
import { makeDot, makeReduce } from '../../dsl/nodes/contraction.ts';
import { makeParameter } from '../../dsl/nodes/leaves.ts';
import { makeMap } from '../../dsl/nodes/pointwise.ts';
import { makeQuantize } from '../../dsl/nodes/quantize.ts';
import type { ScalarExpr } from '../../dsl/scalar/expr.ts';
import { traced } from '../../dsl/scalar/traced.ts';
import { LARGEST } from '../program.ts';

/*
 * narrow: graph → graph in which some weights are kept in fewer bits.
 * A weight in int8 becomes a product: integers, and one scale for each row along its last axis. A contraction along that
 * axis becomes one of integers: its other operand is rounded to 16 bits, in steps of its own for each row, and both
 * steps multiply the total. The rounding is a part of the graph, so that it is the same in all programs of a model.
 */

/** How a weight is to be kept, by its name; undefined where its parameter decides. */
export type StorageOf = (weight: string) => WeightStorage | undefined;

const SUFFIX = ':scale';

/** The name of the weight that holds the scales of an integer weight's rows. */
export const scaleName = (weight: string): string => `${weight}${SUFFIX}`;

/** Whether a parameter of a compiled program holds scales, and is in no checkpoint. */
export const isScale = (parameter: string): boolean => parameter.endsWith(SUFFIX);

export function narrow(roots: readonly Node[], storage: StorageOf): readonly Node[] {
  return rewrite(roots, (node) => {
    if (node.kind === 'parameter') return kept(node, storage(node.name) ?? node.storage);
    return node.kind === 'dot' ? contracted(node) : node;
  });
}

function kept(node: ParameterNode, storage: WeightStorage): Node {
  if (storage === node.storage || node.storage !== 'f32' || isScale(node.name)) return node;
  const stored = makeParameter(node.name, node.axes, node.dtype, node.origin, storage);
  if (storage !== 'int8') return stored;
  const scale = makeParameter(scaleName(node.name), node.axes.slice(0, -1), node.dtype, node.origin);
  return makeMap(PRODUCT, [stored, scale], node.dtype, node.origin);
}

/** Σ x·(q·s) = step·s·Σ round(x / step)·q, up to the rounding, where the scales do not vary along the range. */
function contracted(dot: DotNode): Node {
  const { over, origin } = dot;
  const weight = [dot.a, dot.b].find((n): n is MapNode => isScaled(n, over.name));
  if (weight === undefined || dot.monoid !== 'sum') return dot;
  const [integers, scale] = weight.args;
  const map = (fn: ScalarExpr, ...args: Node[]): Node => makeMap(fn, args, 'f32', origin);
  const x = weight === dot.a ? dot.b : dot.a;
  const step = map(STEP, makeReduce('max', map(MAGNITUDE, x), over.name, origin));
  const rounded = makeQuantize(map(QUOTIENT, x, step), 'int16', origin);
  const [a, b] = weight === dot.a ? [integers, rounded] : [rounded, integers];
  return map(PRODUCT, makeDot(a, b, over.name, origin), map(PRODUCT, step, scale));
}

/** Whether a value is integers by their scales, which do not vary along an axis. */
function isScaled(n: Node, over: string): boolean {
  if (n.kind !== 'map' || n.fn !== PRODUCT) return false;
  const [integers] = n.args;
  return integers.kind === 'parameter' && integers.storage === 'int8' && integers.axes.at(-1)?.name === over;
}

/** A row whose numbers are all less than this is rounded to nothing. */
const LEAST = 1e-30;

const PRODUCT = traced(2, (a, b) => a.mul(b)).expr;
const QUOTIENT = traced(2, (a, b) => a.div(b)).expr;
const MAGNITUDE = traced(1, (a) => a.abs()).expr;
/** What turns a row's largest number into the largest integer. */
const STEP = traced(1, (largest) => largest.max(LEAST).div(LARGEST.int16)).expr;
