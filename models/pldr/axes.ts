import { axis, symbol, type Size } from '../../dsl/index.ts';
import type { PldrConfig } from './config.ts';

/** The axes of one model: every tensor of it is a set of these names. */
export type Axes = ReturnType<typeof axesFor>;

/**
 * @param batch rows that are run together; 1 makes programs without a batch loop
 */
export function axesFor(c: PldrConfig, batch: number) {
  const positions = symbol('pos', c.contextLength);
  const rows: Size = batch === 1 ? 1 : symbol('batch', batch);
  return {
    Batch: axis('batch', rows),
    /** Positions of the tokens that are read now. */
    Pos: axis('pos', positions),
    /** Positions that can be looked at. */
    Key: axis('key', positions),
    Vocab: axis('vocab', c.vocabSize),
    Embed: axis('embed', c.hiddenSize),
    Inner: axis('inner', c.intermediateSize),
    /** All heads' channels side by side. */
    Heads: axis('heads', c.hiddenSize),
    Head: axis('head', c.heads),
    /** Channels of one head. */
    Dk: axis('dk', c.headDim),
    /** Rows and columns of the operator: it stands between a query (row) and a key (column). */
    Row: axis('row', c.headDim),
    Col: axis('col', c.headDim),
    Mid: axis('mid', c.headDim),
    /** Inner width of the metric learner's gated units. */
    Metric: axis('metric', c.metricWidth),
  } as const;
}
