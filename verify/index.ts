export type { Law, LawResult, LawSubject } from './exact/law.ts';
export { LAWS } from './exact/laws.ts';
export { precisionOf, type Precision } from './exact/precision.ts';
export { runLaws } from './exact/run-laws.ts';
export { interpretedModel } from './interpreted/checkpoint.ts';
export { extend, read, type InterpretedModel, type Reading, type ReadOptions } from './interpreted/reading.ts';
export * as html from './html/index.ts';
export { reportPage, type PageContent } from './html/report-page.ts';
export { betweenTexts, type BetweenTexts } from './invariance/between-texts.ts';
export { relativeChange } from './numbers.ts';
export { changeBetween, largestChange, worstOf, type Change } from './invariance/change.ts';
export type { CachedModel } from './caches/staged.ts';
export type { Trial } from './caches/trial.ts';
export { verifyCaches, type VerifyCachesOptions } from './caches/verify-caches.ts';
export { DEDUCED, deduced, deducedIn, readText, type ByDeduced, type DeducedName, type LayerDeductions, type ReadText } from './invariance/deductions.ts';
export { normalisedRmse, type NormalisedRmse } from './invariance/normalised-rmse.ts';
export { orderParameter, type OrderParameter, type Spread } from './invariance/order-parameter.ts';
export { operatorState, type OperatorState } from './invariance/operator-state.ts';
export { wholeChange, wholeChanges, type Extent } from './invariance/whole-change.ts';
export { overSteps, type OverSteps, type Scoring, type Step } from './invariance/over-steps.ts';
export { betweenHeads, type BetweenHeads } from './operators/between-heads.ts';
export { dagLoss } from './operators/dag-loss.ts';
export {
  dagLosses, layerFacts, type DagLosses, type LayerFacts, type TensorFacts,
} from './operators/layers.ts';
export { rotationResidual, type RotationPairs } from './operators/rotation.ts';
export * as arbitraries from './arbitraries/index.ts';
export { atInitialisation, type Initial } from './ablation/initial.ts';
export { dagBesideInitial, orderBesideInitial, type BesideInitial } from './ablation/beside-initial.ts';
export { replaced, type Replacement } from './ablation/replaced.ts';
export { summaryOf, type TensorSummary } from './operators/summary.ts';
export { operatorRows, OPERATOR_TITLES } from './operators/table.ts';
export { matrixFacts, type MatrixFacts } from './operators/matrix-facts.ts';
export {
  galleryOf, matricesOf, picturesOf, textGallery, type Drawn, type Gallery, type Picture, type TextGallery,
} from './gallery/index.ts';
export { deduces, frozenAt } from './texts.ts';
export * from './pictures/index.ts';
export { verifyModel, type Invariance, type VerifyOptions, type VerifyReport } from './report.ts';
