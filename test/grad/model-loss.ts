import {
  add, axis, div, equal, exp, gather, input, log, max, mul, stopGradient, sub, sum, where, type Tensor,
} from '../../dsl/index.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { topological } from '../../dsl/graph.ts';
import type { Node, ParameterNode } from '../../dsl/node.ts';
import { axesFor, decoder, head, inputsFor, layoutPrompt, type PldrConfig } from '../../models/pldr/index.ts';

/** A language model's graph from tokens to its loss, for one batch of fixed size. */
export interface ModelLoss {
  /** [batch, pos, vocab] */
  readonly logits: Node;
  readonly loss: Node;
  readonly parameters: readonly ParameterNode[];
}

/**
 * Mean cross entropy over targets other than 0, of a model as it is declared.
 * @param sizes numbers, or with `symbolic` the sizes that a run gives
 */
export function modelLoss(config: PldrConfig, rows: number, length: number, symbolic = false): ModelLoss {
  const free = axesFor(config, rows);
  const axes = symbolic ? free : {
    ...free, Batch: axis('batch', rows), Pos: axis('pos', length), Key: axis('key', length),
  };
  const logits = head(decoder(inputsFor(axes), axes, config).hidden, axes, config);
  const targets = input('targets', [axes.Batch, axes.Pos], 'i32');
  const counts = where(equal(targets, 0), 0, 1);
  const terms = mul(counts, sub(logTotal(logits, axes.Vocab), gather(logits, axes.Vocab, targets)));
  const total = (x: Tensor<'batch' | 'pos'>): Tensor<never> => sum(sum(x, axes.Pos), axes.Batch);
  const loss = div(total(terms), total(counts));
  const parameters = topological([loss.node]).filter((n): n is ParameterNode => n.kind === 'parameter');
  return { logits: logits.node, loss: loss.node, parameters };
}

function logTotal(
  logits: Tensor<'batch' | 'pos' | 'vocab'>, Vocab: ReturnType<typeof axesFor>['Vocab'],
): Tensor<'batch' | 'pos'> {
  const largest = stopGradient(max(logits, Vocab));
  return add(log(sum(exp(sub(logits, largest)), Vocab)), largest);
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
