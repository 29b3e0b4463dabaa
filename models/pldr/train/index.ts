/** Training as a program calls it; `ricci train` is made of the same. */
export { fieldsOf, valueAt } from './config/flatten.ts';
export {
  atLeastZero, choice, integer, listOf, orNull, pathOf, positive, text, texts, type Field, type Schema, type ValuesOf,
} from './config/field.ts';
export { parseSchema, type Parsed } from './config/parse-schema.ts';
export { located } from './config/paths.ts';
export { loadTrainConfig, locatedConfig, parseTrainConfig } from './config/parse-train-config.ts';
export { TRAIN_SCHEMA, type TrainConfig } from './config/schema.ts';
export { dagLoss, REGULARISED, type DagCoefficients, type DagLoss, type Regularised } from './dag-loss.ts';
export type { Batch } from './data/batch.ts';
export { loadHashedTokenizer, type HashedTokenizer } from './data/hashed-tokenizer.ts';
export {
  answerLoss, IGNORED_LABEL, multiLabelLoss, regressionLoss, sequenceLoss, tokenLoss,
} from './head-losses.ts';
export type { MetricRow } from './log/metric-log.ts';
export type { Sample } from './log/sample.ts';
export { planTraining, type TrainingMemory, type TrainingPlan } from './plan.ts';
export { AUTHORS_RECIPE } from './recipe.ts';
export { Evaluator } from './evaluator.ts';
export { evaluateCheckpoint } from './run/evaluate-checkpoint.ts';
export { newWeights, type WeightShapes } from './run/first-weights.ts';
export { graphOptions, learningRateOf } from './run/graph-options.ts';
export { modelOf, type TrainedModel } from './run/model-of.ts';
export { runTraining, type TrainingEnd, type TrainingEvent, type TrainingSetup } from './run/run.ts';
export { checkpointsIn, type FoundCheckpoint } from './save/find-checkpoints.ts';
export { headGraph } from './task/heads.ts';
export { nextToken } from './task/next-token.ts';
export type { Measures, TaskGraph } from './task/task-graph.ts';
export { answerLogits, lastToken, sequenceLogits, tokenLogits } from './task-logits.ts';
export { Trainer, type Measured, type Trained, type TrainerOptions, type UpdateOptions } from './trainer.ts';
export {
  momentName, trainingPrograms, type Clipping, type TrainingGraphOptions, type TrainingPrograms,
} from './training-graph.ts';
