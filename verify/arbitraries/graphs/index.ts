import fc from 'fast-check';
import { symbol, type Axis } from '../../../dsl/axis.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeInput } from '../../../dsl/nodes/leaves.ts';
import { showGraph } from '../../../dsl/print.ts';
import type { GivenGraph } from './given.ts';
import { NOWHERE } from './ops.ts';
import { PATTERNS } from './patterns.ts';
import { fits, Pool } from './pool.ts';
import { scalarSteps } from './scalars.ts';
import { PRIMITIVES, type Choices, type Step } from './steps.ts';
import { environmentFor } from './values.ts';

/** A random program with values for all that it is given. fast-check prints it as numbered lines. */
export interface GraphCase extends GivenGraph {
  /** Every value that was made, in order: more than the outputs need. */
  readonly nodes: readonly Node[];
}

interface AxisRecipe { readonly size: number; readonly symbolic: boolean; readonly value: number }

interface StepRecipe { readonly step: Step; readonly choices: Choices }

interface Recipe {
  readonly names: readonly string[];
  readonly axes: readonly AxisRecipe[];
  readonly steps: readonly StepRecipe[];
  readonly outputs: readonly number[];
  readonly seed: number;
}

/** Plain names first; the others are words of WGSL, of the emitter and of the schedules. */
const NAMES = [
  ['batch', 'pos', 'embed', 'key'],
  ['j', 'lane', 'scale', 'chunk'],
  ['loop', 'cell', 'entry', 'fn'],
  ['batch', 'batch_2', 'sizes', 'max'],
] as const;

const axisRecipes = fc.array(fc.record<AxisRecipe>({
  size: fc.constantFrom(2, 1, 3, 5, 7, 8, 12, 17, 33, 64),
  symbolic: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  value: fc.nat(64),
}), { minLength: 2, maxLength: 4 });

const choices: fc.Arbitrary<Choices> = fc.record({
  p: fc.nat(15), q: fc.nat(7), r: fc.nat(7), k: fc.constantFrom(1, 0, -1, 0.5, 2.5, 0.1, 3), scalar: scalarSteps,
});

const stepFrom = (steps: readonly Step[]): fc.Arbitrary<StepRecipe> =>
  fc.record({ step: fc.constantFrom(...steps), choices });

function build(recipe: Recipe): GraphCase {
  const axes = recipe.axes.map((a, i): Axis =>
    ({ name: recipe.names[i], size: a.symbolic ? symbol(`n${i}`, a.size) : a.size }));
  const sizes = Object.fromEntries(recipe.axes.map((a, i) => [`n${i}`, 1 + (a.value % a.size)]));
  const pool = new Pool(axes);
  pool.add(makeInput('x', axes.slice(0, 2), 'f32', NOWHERE));
  for (const { step, choices: c } of recipe.steps) {
    const made = step(pool, c);
    if (made !== undefined && fits(made.axes)) pool.add(made);
  }
  const outputs = recipe.outputs.map((n) => pool.nodes[pool.nodes.length - 1 - (n % pool.nodes.length)]);
  return printed({ outputs, nodes: pool.nodes, env: environmentFor(pool.nodes, recipe.seed, sizes) });
}

function printed(c: GraphCase): GraphCase {
  const sizes = JSON.stringify(c.env.sizes);
  return Object.assign(c, { [fc.toStringMethod]: () => `\n${showGraph(c.outputs)}\nsizes ${sizes}\n` });
}

function graphsOf(step: fc.Arbitrary<StepRecipe>, maxSteps: number): fc.Arbitrary<GraphCase> {
  return fc.record<Recipe>({
    names: fc.oneof(
      { weight: 4, arbitrary: fc.constant(NAMES[0]) }, { weight: 1, arbitrary: fc.constantFrom(...NAMES) },
    ),
    axes: axisRecipes,
    steps: fc.array(step, { minLength: 1, maxLength: maxSteps, size: 'max' }),
    outputs: fc.array(fc.nat(4), { minLength: 1, maxLength: 3 }).map((rest) => [0, ...rest.slice(1)]),
    seed: fc.nat(1000),
  }).map(build);
}

/**
 * Random well-typed graphs over all kinds of nodes: up to ten values of up to four named axes, some of a size that is
 * known when the program runs, made of one another by the node constructors, which refuse what has no type; and numbers
 * between -2 and 2 for all that they are given. Shrinks to few values, plain names and small axes.
 */
export const graphs: fc.Arbitrary<GraphCase> = graphsOf(stepFrom(PRIMITIVES), 10);

/**
 * Random graphs with the shapes that fusion looks for (softmax, weighted means, attention, layer norms, gated units and
 * more) in several spellings, among other values. Shrinks as `graphs` does.
 */
export const fusible: fc.Arbitrary<GraphCase> = graphsOf(
  fc.oneof({ weight: 1, arbitrary: stepFrom(PRIMITIVES) }, { weight: 2, arbitrary: stepFrom(PATTERNS) }), 5,
);
