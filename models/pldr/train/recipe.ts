import { decaysAll } from '../../../dsl/index.ts';
import type { TrainingGraphOptions } from './training-graph.ts';

/** How PLDR-LLM's authors train (spec 8), apart from their learning rate: what absent keys of a configuration mean. */
export const AUTHORS_RECIPE: Pick<
  TrainingGraphOptions, 'clip' | 'betas' | 'eps' | 'weightDecay' | 'decays'
> = { clip: { by: 'value', at: 1 }, betas: [0.9, 0.95], eps: 1e-5, weightDecay: 0.1, decays: decaysAll };
