/** Training as a program calls it; `ricci train` is made of the same. */
export { fieldsOf, valueAt } from './config/flatten.ts';
export {
  atLeastZero, choice, integer, listOf, orNull, positive, text, texts, type Field, type Schema, type ValuesOf,
} from './config/field.ts';
export { parseSchema, type Parsed } from './config/parse-schema.ts';
export { loadTrainConfig, parseTrainConfig } from './config/parse-train-config.ts';
export { TRAIN_SCHEMA, type TrainConfig } from './config/schema.ts';
export type { HashedTokenizer } from './data/hashed-tokenizer.ts';
export type { MetricRow } from './log/metric-log.ts';
export { modelOf, type TrainedModel } from './run/model-of.ts';
export { runTraining, type TrainingEnd, type TrainingEvent, type TrainingSetup } from './run/run.ts';
export { checkpointsIn, type FoundCheckpoint } from './save/find-checkpoints.ts';
