/*
 * fast-check arbitraries for laws of graphs and of models:
 *
 *     import fc from 'fast-check';
 *     import { arbitraries, extend, read } from 'ricci/verify';
 *
 *     const { idsIn, models, texts } = arbitraries;
 *     test('keeping G and keeping A are one function', () => {
 *       fc.assert(fc.property(models({ kinds: ['perturbed', 'floor'] }), texts(), (model, text) => {
 *         const [first, ...more] = idsIn(model.config, text);
 *         const [g, a] = (['kv+g', 'kv'] as const).map((mode) =>
 *           more.reduce((r, id) => extend(r, [id]), read(model, { rows: [[first]] }, { mode })));
 *         expect(g.logits.data).toEqual(a.logits.data);
 *       }));
 *     });
 *
 * or, with @fast-check/vitest, `test.prop([models(), texts()])('…', (model, text) => { … })`. A text or a batch is
 * drawn beside its model and fitted to the model's vocabulary by `idsIn` and `promptIn`, so that both shrink together;
 * where the configuration is fixed, `texts({ vocabSize })` needs no fitting. What is drawn is printed so that it can be
 * made again by hand: `drawnModel(…)` for a model, numbered lines for a graph.
 */
export { configs, CONTEXT, smallConfig } from './configs.ts';
export type { GivenGraph } from './graphs/given.ts';
export { fusible, graphs, type GraphCase } from './graphs/index.ts';
export { longGraphs } from './graphs/long.ts';
export { drawnModel, models, type DrawnModel, type ModelOptions } from './models.ts';
export { promptIn, prompts, type PromptOptions } from './prompts.ts';
export { CACHE_MODES, scheduledTexts, schedules, type CacheSchedule, type ScheduledText } from './schedules.ts';
export { idsIn, texts, type TextOptions } from './texts.ts';
export { WEIGHT_KINDS, weightsOf, type WeightKind, type Weights } from './weights/index.ts';
