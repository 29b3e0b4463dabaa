import fc from 'fast-check';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import { randomUniform } from '../../compiler/interpret/random.ts';
import { grad, tensorOf } from '../../dsl/index.ts';
import { topological } from '../../dsl/graph.ts';
import type { InputNode, Node, ParameterNode } from '../../dsl/node.ts';
import { makeRandom } from '../../dsl/nodes/leaves.ts';
import { add, mul, NOWHERE, number, reduce } from '../../verify/arbitraries/graphs/ops.ts';

export type Leaf = InputNode | ParameterNode;

/** What a graph is given that has a gradient. */
export const leavesOf = (roots: readonly Node[]): readonly Leaf[] => topological(roots)
  .filter((n): n is Leaf => (n.kind === 'input' || n.kind === 'parameter') && n.dtype === 'f32');

/** One number that depends on every entry of every value, each with a weight of its own. */
export function lossOf(outputs: readonly Node[], seed = 1): Node {
  const totals = outputs.filter((x) => x.dtype === 'f32').map((x, i) => {
    const weighted = mul(x, makeRandom(seed + i, x.axes, NOWHERE));
    return x.axes.reduce((total, a) => reduce('sum', total, a.name), weighted);
  });
  return totals.reduce(add, number(0));
}

export const gradients = (loss: Node, wrt: readonly Node[]): readonly Node[] =>
  grad(tensorOf<never>(loss), wrt.map((x) => tensorOf(x))).map((g) => g.node);

/** The environment with each of the values moved along a direction. */
function moved(env: Environment, leaves: readonly Leaf[], direction: readonly Float64Array[], by: number): Environment {
  const [inputs, parameters] = [{ ...env.inputs }, { ...env.parameters }];
  leaves.forEach((leaf, i) => {
    const from = leaf.kind === 'input' ? inputs : parameters;
    const x = from[leaf.name];
    from[leaf.name] = { ...x, data: x.data.map((v, j) => v + by * direction[i][j]) };
  });
  return { ...env, inputs, parameters };
}

/** How a loss changes along a direction. */
export interface Slope {
  /** By central differences. */
  readonly measured: number;
  /** By how much that may be wrong. */
  readonly error: number;
  /** By the gradients. */
  readonly computed: number;
  /** Whether the loss is smooth enough here for the two to be compared. */
  readonly isSmooth: boolean;
}

const STEP = 1e-5;

/**
 * The slope along a random direction. The slopes to both sides differ by curvature, and by corners that lie here; the
 * derivative at a corner is a choice between them.
 */
export function slopeOf(
  loss: Node, wrt: readonly Leaf[], grads: readonly Node[], env: Environment, seed: number,
): Slope {
  const values = interpret(grads, env);
  const direction = values.map(({ data }, i) => data.map((_, j) => 2 * randomUniform(seed + i, j) - 1));
  const at = (by: number): number => interpret([loss], moved(env, wrt, direction, by))[0].data[0];
  const [before, here, after] = [at(-STEP), at(0), at(STEP)];
  const terms = values.flatMap(({ data }, i) => Array.from(data, (g, j) => g * direction[i][j]));
  const size = terms.reduce((n, t) => n + Math.abs(t), 0) + Math.abs(after - before) / STEP;
  const bend = Math.abs(after - 2 * here + before) / STEP;
  return {
    measured: (after - before) / (2 * STEP),
    computed: terms.reduce((n, t) => n + t, 0),
    error: bend + 1e-6 * size + 1e-9 * Math.abs(here) + 1e-9,
    isSmooth: bend <= 1e-2 * size + 1e-9 && Number.isFinite(here) && Number.isFinite(size),
  };
}

/** Compares gradients by everything that a graph is given with differences, where these are defined. */
export function expectSlope(loss: Node, env: Environment, seed: number): void {
  const wrt = leavesOf([loss]);
  const slope = slopeOf(loss, wrt, gradients(loss, wrt), env, seed);
  fc.pre(slope.isSmooth);
  if (Math.abs(slope.measured - slope.computed) <= slope.error) return;
  throw new Error(`differences say ${slope.measured} ± ${slope.error}, gradients ${slope.computed}`);
}

/** Every partial derivative of a loss by one of the things that it is given, by central differences. */
export function differences(loss: Node, leaf: Leaf, env: Environment): Float64Array {
  const own = (leaf.kind === 'input' ? env.inputs : env.parameters)?.[leaf.name] as Dense;
  return own.data.map((_, j) => {
    const direction = [own.data.map((_v, k) => (k === j ? 1 : 0))];
    const at = (by: number): number => interpret([loss], moved(env, [leaf], direction, by))[0].data[0];
    return (at(STEP) - at(-STEP)) / (2 * STEP);
  });
}
