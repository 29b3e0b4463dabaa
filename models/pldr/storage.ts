import type { StorageOf } from '../../compiler/passes/narrow.ts';
import type { WeightStorage } from '../../dsl/node.ts';

/** Large matrices: of attention's projections, the feed-forward unit, the embedding and the head. */
const OF_LAYERS = /^decoder\.dec_layers\.\d+\.(mha1\.(wq|wk|wv|dense)|ffn\.gluw[123])\.weight$/;
const OTHERS = ['decoder.embedding.weight', 'final_layer.weight'];

/** Whether a weight is one of them. */
export const isMatrix = (weight: string): boolean => OF_LAYERS.test(weight) || OTHERS.includes(weight);

/**
 * How a model's weights are kept. Only large matrices may take fewer bits; the net that makes G raises small
 * differences to high powers (spec 13.6), and norms and biases are small: those stay f32.
 */
export const storageOf = (matrices: WeightStorage): StorageOf => (weight) => (isMatrix(weight) ? matrices : undefined);
