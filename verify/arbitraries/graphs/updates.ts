import fc from 'fast-check';
import type { Environment } from '../../../compiler/interpret/interpret.ts';
import type { Axis } from '../../../dsl/axis.ts';
import { topological } from '../../../dsl/graph.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeInput, makeParameter } from '../../../dsl/nodes/leaves.ts';
import { makeFreeze } from '../../../dsl/nodes/staging.ts';
import { makeConcat, makePad, makeSlice } from '../../../dsl/nodes/views.ts';
import { showGraph } from '../../../dsl/print.ts';
import { dot, map1, map2, NOWHERE, reduce, rename } from './ops.ts';
import { environmentFor } from './values.ts';

/** A program that makes new weights of the old ones. fast-check prints it as numbered lines. */
export interface UpdateCase {
  readonly updates: ReadonlyMap<string, Node>;
  readonly outputs: Readonly<Record<string, Node>>;
  readonly env: Environment;
}

/** A square matrix made of two others. */
type Step = (x: Node, y: Node, size: number) => Node;

const INNER = (size: number): Axis => ({ name: 'inner', size });

/** In the order of the axes of `x`. */
const flipped: Step = (x, y, size) => {
  const [row, col] = y.axes;
  const turned = rename(rename(rename(y, 'row', INNER(size)), 'col', row), 'inner', col);
  return map2(x, turned, (a, b) => a.mul(0.5).add(b.mul(0.25)));
};

const product: Step = (x, y, size) =>
  map1(dot(rename(x, 'col', INNER(size)), rename(y, 'row', INNER(size)), 'inner'), (a) => a.mul(0.5 / size));

const shifted: Step = (x, y, size) => {
  if (size === 1) return x;
  const next = makePad(makeSlice(y, 'row', 1, size - 1, NOWHERE), 'row', 0, 1, 0.5, NOWHERE);
  return map2(x, next, (a, b) => a.sub(b).mul(0.5));
};

const joined: Step = (x, y, size) => (size === 1 ? y
  : makeConcat([makeSlice(x, 'row', 0, 1, NOWHERE), makeSlice(y, 'row', 1, size - 1, NOWHERE)], 'row', NOWHERE));

/** The simplest first: shrinking goes up this list. */
const STEPS: readonly Step[] = [
  (x, y) => map2(x, y, (a, b) => a.sub(b.mul(0.1))),
  (x) => map1(x, (a) => a.mul(0.9)),
  (x, y) => map2(x, y, (a, b) => a.mul(b).mul(0.25)),
  (x, y, size) => map2(x, reduce('sum', y, 'col'), (a, b) => a.sub(b.mul(0.1 / size))),
  (x, y) => map2(x, reduce('max', y, 'row'), (a, b) => a.mul(0.5).sub(b.mul(0.1))),
  product, flipped, shifted, joined,
  (x) => makeFreeze(x, 'kept', NOWHERE),
];

interface Recipe {
  readonly size: number;
  readonly weights: number;
  readonly steps: readonly { readonly step: Step; readonly x: number; readonly y: number }[];
  readonly updates: readonly number[];
  readonly outputs: readonly number[];
  readonly seed: number;
}

const pick = <T>(xs: readonly T[], n: number): T => xs[xs.length - 1 - (n % xs.length)];

function build({ size, weights, steps, updates, outputs, seed }: Recipe): UpdateCase {
  const axes: readonly Axis[] = [{ name: 'row', size }, { name: 'col', size }];
  const names = Array.from({ length: weights }, (_, i) => `layer.w${i}`);
  const pool: Node[] = [
    makeInput('x', axes, 'f32', NOWHERE), ...names.map((n) => makeParameter(n, axes, 'f32', NOWHERE)),
  ];
  for (const { step, x, y } of steps) pool.push(step(pick(pool, x), pick(pool, y), size));
  const changed = new Map(names.map((name, i) => [name, pick(pool, updates[i])]));
  const returned = Object.fromEntries(outputs.map((n, i) => [`out${i}`, pick(pool, n)]));
  const roots = [...changed.values(), ...Object.values(returned)];
  // A weight that is overwritten without being read is given nevertheless.
  const given = environmentFor([...pool, ...topological(roots)], seed, {});
  const print = (): string => `\n${showGraph(roots)}\nreplace ${names.join(', ')}\n`;
  return Object.assign({ updates: changed, outputs: returned, env: given }, { [fc.toStringMethod]: print });
}

/**
 * Random sets of weights that replace each other: entry by entry, by products of themselves, by their transposes, in
 * circles, by the same value, or not at all, among other results of the same program.
 */
export const updating: fc.Arbitrary<UpdateCase> = fc.record<Recipe>({
  size: fc.constantFrom(3, 1, 4, 8, 33, 64),
  weights: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(fc.record({ step: fc.constantFrom(...STEPS), x: fc.nat(7), y: fc.nat(7) }), { maxLength: 7 }),
  updates: fc.array(fc.nat(10), { minLength: 4, maxLength: 4 }),
  outputs: fc.array(fc.nat(10), { maxLength: 2 }),
  seed: fc.nat(1000),
}).map(build);
