import type { JsonObject } from '../../../../runtime/safetensors/json.ts';
import type { Batch } from '../data/batch.ts';
import type { BatchStream, DataPosition } from '../data/batches.ts';
import type { WeightShapes } from './first-weights.ts';
import type { TaskShape } from './graph-options.ts';

/** What a training is about: what it reads, what it learns from that, and what its checkpoints hold. */
export interface Task extends TaskShape {
  /** All weights of a checkpoint. */
  readonly shapes: WeightShapes;
  /** Those of them that begin by chance, also where all others come from a checkpoint. */
  readonly fresh: ReadonlySet<string>;
  /** Keys of a checkpoint's config.json that go before the model's own. */
  readonly described: JsonObject;
  readonly documents: number;
  /** Tokens of all documents. */
  readonly tokens: number;
  /** Batches to train on, without end. */
  batches(start: DataPosition): BatchStream;
  /** The held-out batches in order, `most` at most; undefined where nothing is held out. */
  readonly validation: ((most: number) => AsyncIterable<Batch>) | undefined;
  close(): Promise<void>;
}
