import { emptyDense, type Dense } from '../../../compiler/interpret/dense.ts';
import { interpret } from '../../../compiler/interpret/interpret.ts';
import { topological } from '../../../dsl/graph.ts';
import { modelGraph } from '../../../models/pldr/index.ts';
import type { InterpretedModel } from '../../../verify/interpreted/reading.ts';

/** What a layer deduces from a text in double precision, each [head, row, col]. */
export interface Deduced {
  readonly A_LM: Float64Array;
  readonly A_P: Float64Array;
  readonly G: Float64Array;
}

/** What each layer of a model of learned G deduces from a text. */
export function deduced({ config, weights }: InterpretedModel, ids: readonly number[]): readonly Deduced[] {
  const { layers } = modelGraph(config, { batch: 1 }).decoded;
  const row = (name: string, fill: (i: number) => number): Dense =>
    ({ names: ['batch', name], sizes: [1, ids.length], data: Float64Array.from(ids, (_, i) => fill(i)) });
  const inputs = {
    ids: row('pos', (i) => ids[i]), position: row('pos', (i) => i), present: row('pos', () => 1),
    attends: row('pos', () => 1), visible: row('key', () => 1),
  };
  const roots = layers.flatMap(({ A_LM, A_P, G }) => [A_LM, A_P, G].flatMap((t) => (t === undefined ? [] : [t.node])));
  const parameters = Object.fromEntries(topological(roots).flatMap((n) => (n.kind === 'parameter'
    ? [[n.name, { ...emptyDense(n.axes, {}), data: weights.get(n.name) ?? new Float64Array() }]]
    : [])));
  const values = interpret(roots, { inputs, parameters, sizes: { pos: ids.length } });
  return layers.map((_, l) => {
    const [A_LM, A_P, G] = values.slice(3 * l, 3 * l + 3).map((v) => v.data);
    return { A_LM, A_P, G };
  });
}
