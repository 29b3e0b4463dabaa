export { averageCheckpoints } from './average-checkpoints.ts';
export { openCheckpoint, type Checkpoint } from './checkpoint.ts';
export { loadConfig, parseConfig, type CustomG, type PldrConfig } from './config.ts';
export { countParameters } from './count-parameters.ts';
export { attention, type AttentionTrace, type Stream } from './attention.ts';
export { axesFor, type Axes } from './axes.ts';
export { decoder, head, type Decoded, type LayerTrace } from './decoder.ts';
export { forward, type ForwardOptions, type ForwardResult } from './forward.ts';
export { generate, type GeneratedStep, type GenerateOptions } from './generate.ts';
export { Classifier, openHeadCheckpoint, type HeadCheckpoint } from './heads/classifier.ts';
export {
  classifyText, classifyWords, findAnswer, type Answer, type Labelled, type LabelledWord,
} from './heads/classify.ts';
export type { HeadKind } from './heads/head-kind.ts';
export { explainNonFinite } from './diagnose.ts';
export type { HostTensor } from './host-tensor.ts';
export { randomCheckpoint, type InitOptions } from './init.ts';
export { inputsFor, type Inputs } from './inputs.ts';
export { PldrModel, type LoadOptions, type PlacedWeights, type Recompiled } from './model.ts';
export { entriesOf, type EntryOf } from './open-program.ts';
export {
  asOperator, density, given, identity, learned, powerLawOperator, stored, variantOf,
  type Deduced, type Operator, type OperatorInput, type Variant,
} from './operator.ts';
export { newTokens } from './new-tokens.ts';
export { parameterShapes } from './parameters.ts';
export { layoutPrompt, type Padding, type Prompt, type PromptLayout } from './prompt.ts';
export type { ProgramStore } from './program-store.ts';
export {
  blockProgram, forwardProgram, headProgram, modelGraph, prefillProgram, rereadProgram, stepProgram,
  type CacheMode, type ForwardOutputs, type ModelGraph,
} from './programs.ts';
export { weightsRead } from './weights-read.ts';
export { targetOf } from './target.ts';
export { BLOCK_TOKENS, readBlock } from './read-block.ts';
export { Session, type SessionOptions } from './session.ts';
export { loadTokenizer, parseTokenizer, type Tokenizer, type TokenStream } from './tokenizer/index.ts';
