import { add, axis, crossEntropy, input } from '../../dsl/index.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { topological } from '../../dsl/graph.ts';
import type { Node, ParameterNode } from '../../dsl/node.ts';
import { axesFor, decoder, head, inputsFor, layoutPrompt, type PldrConfig } from '../../models/pldr/index.ts';
import { dagLoss, type DagCoefficients } from '../../models/pldr/train/dag-loss.ts';

/** A language model's graph from tokens to its loss, for one batch of fixed size. */
export interface ModelLoss {
  /** [batch, pos, vocab] */
  readonly logits: Node;
  readonly loss: Node;
  readonly parameters: readonly ParameterNode[];
}

/** The loss that the authors train with. Without coefficients, no tensor is regularised. */
export function modelLoss(config: PldrConfig, rows: number, length: number, dag?: DagCoefficients): ModelLoss {
  const axes = {
    ...axesFor(config, rows), Batch: axis('batch', rows), Pos: axis('pos', length), Key: axis('key', length),
  };
  const { hidden, layers } = decoder(inputsFor(axes), axes, config);
  const logits = head(hidden, axes, config);
  const targets = input('targets', [axes.Batch, axes.Pos], 'i32');
  const entropy = crossEntropy(logits, targets, axes.Vocab, { ignore: 0 });
  const loss = dag === undefined ? entropy : add(entropy, dagLoss(layers, dag, axes).loss);
  const parameters = topological([loss.node]).filter((n): n is ParameterNode => n.kind === 'parameter');
  return { logits: logits.node, loss: loss.node, parameters };
}

/**
 * What the graph is given for rows of token ids, of which each predicts the next; 0 is padding, as the authors train.
 */
export function trainingInputs(
  config: PldrConfig, rows: readonly (readonly number[])[],
): Pick<Environment, 'inputs' | 'sizes'> {
  const ids = rows.map((r) => r.slice(0, -1));
  const mask = ids.map((r) => r.map((id) => (id === 0 ? 0 : 1)));
  const limits = { vocab: config.vocabSize, context: config.contextLength, padId: 0 };
  const layout = layoutPrompt({ rows: ids, mask }, 'hf-eager', limits);
  const length = layout.length;
  const matrix = (last: string, data: ArrayLike<number>): Dense =>
    ({ names: ['batch', last], sizes: [rows.length, length], data: Float64Array.from(data) });
  const visible = rows.flatMap((_, r) =>
    [...layout.visible.subarray(r * config.contextLength, r * config.contextLength + length)]);
  return {
    inputs: {
      ids: matrix('pos', layout.ids), position: matrix('pos', layout.position), present: matrix('pos', layout.present),
      attends: matrix('pos', layout.attends), visible: matrix('key', visible),
      targets: matrix('pos', rows.flatMap((r) => r.slice(1))),
    },
    sizes: { pos: length, batch: rows.length },
  };
}
