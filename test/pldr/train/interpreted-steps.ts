import type { ProgramSource } from '../../../compiler/draft.ts';
import { emptyDense, type Dense } from '../../../compiler/interpret/dense.ts';
import { interpret } from '../../../compiler/interpret/interpret.ts';
import { topological } from '../../../dsl/graph.ts';
import type { Batch } from '../../../models/pldr/train/data/batch.ts';
import { momentName, trainingPrograms, type TrainingGraphOptions } from '../../../models/pldr/train/training-graph.ts';
import { CONFIG, OPTIONS, type State } from './trainers.ts';

/** The first moments after a first update with one batch, or with several; by the parameter's name. */
export function firstMoments(
  state: State, batches: readonly Batch[], options: Partial<TrainingGraphOptions>,
): ReadonlyMap<string, Float64Array> {
  const [{ rows: batch, positions }] = batches;
  const accumulates = batches.length > 1;
  const { train, update, trained } = trainingPrograms(CONFIG, { ...OPTIONS, ...options, batch, positions, accumulates });
  const rates = { learningRate: [0.01], step: [1] };
  let weights = state;
  let count = 0;
  for (const [i, { ids, targets }] of batches.entries()) {
    const made = run(train, new Map(Object.entries({ ...rates, ids, targets, isFirst: [i === 0 ? 1 : 0] })), weights);
    weights = new Map([...weights, ...made]);
    count += made.get('count')?.[0] ?? 0;
  }
  if (update !== undefined) weights = run(update, new Map(Object.entries({ ...rates, count: [count] })), weights);
  return new Map(trained.map((name) => [name, Float64Array.from(weights.get(momentName('m', name)) ?? [])]));
}

/** Outputs and updates by name; weights that are not there are 0. */
function run(
  { outputs, updates = new Map() }: ProgramSource, inputs: State, weights: State,
): ReadonlyMap<string, Float64Array> {
  const roots = new Map([...Object.entries(outputs), ...updates]);
  const given = (kind: 'input' | 'parameter', values: State): Readonly<Record<string, Dense>> =>
    Object.fromEntries(topological([...roots.values()]).flatMap((node) => {
      if (node.kind !== kind) return [];
      const zeros = emptyDense(node.axes, {});
      return [[node.name, { ...zeros, data: Float64Array.from(values.get(node.name) ?? zeros.data) }]];
    }));
  const env = { inputs: given('input', inputs), parameters: given('parameter', weights) };
  const values = interpret([...roots.values()], env);
  return new Map([...roots.keys()].map((name, i) => [name, values[i].data]));
}
