import { axisNamed, type Axis } from '../axis.ts';
import type { MapNode, Node } from '../node.ts';
import { constant } from '../ops/leaves.ts';
import {
  abs, add, cos, div, equal, exp, less, lessEqual, log, maximum, minimum, mul, neg, pow, sin, sqrt, sub, tanh, toInt,
  where,
} from '../ops/pointwise.ts';
import type { ScalarExpr } from '../scalar/expr.ts';
import { iswiglu, sigmoid, silu } from '../std/activation.ts';
import { softmax } from '../std/softmax.ts';
import { tensorOf } from '../tensor.ts';

/** What tells one function of numbers from another, and its type from that of the other. */
const told = (node: Node): string => (node.kind === 'map' ? `${node.dtype} ${JSON.stringify(node.fn)}` : '');

/** The pointwise operations by what they make of any operands: the operations themselves say what they are. */
function operations(): ReadonlyMap<string, string> {
  const x = constant(0);
  const unary = Object.entries({ neg, exp, log, sqrt, sin, cos, tanh, abs })
    .map(([name, op]) => [name, op(x)] as const);
  const binary = Object.entries({ add, sub, mul, div, pow, maximum, minimum, lessEqual, less, equal })
    .map(([name, op]) => [name, op(x, x)] as const);
  const made = [...unary, ...binary, ['where', where(x, x, x)] as const, ['toInt', toInt(x)] as const];
  return new Map(made.map(([name, { node }]) => [told(node), name]));
}

const OPERATIONS = /* @__PURE__ */ operations();

/** The pointwise operation that a node is, where it is one. */
export const operationName = (node: MapNode): string | undefined => OPERATIONS.get(told(node));

/** The name under which the language exports a scalar function, where it does. */
export function scalarName(fn: ScalarExpr): string | undefined {
  const code = JSON.stringify(fn);
  return Object.entries({ sigmoid, silu, iswiglu }).find(([, known]) => JSON.stringify(known.expr) === code)?.[0];
}

/** What a softmax is of, and along which axis, where a node is one. */
export function softmaxOf(node: MapNode): { readonly x: Node; readonly over: Axis } | undefined {
  const [weights, total] = node.args;
  const shifted = weights?.kind === 'map' ? weights.args[0] : undefined;
  const x = shifted?.kind === 'map' ? shifted.args[0] : undefined;
  if (total?.kind !== 'reduce' || x === undefined || axisNamed(x.axes, total.over.name) === undefined) return undefined;
  return softmax(tensorOf<string>(x), total.over).node.key === node.key ? { x, over: total.over } : undefined;
}
