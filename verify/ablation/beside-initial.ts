import { deduced, deducedIn } from '../invariance/deductions.ts';
import type { Spread } from '../invariance/order-parameter.ts';
import type { DagLosses } from '../operators/layers.ts';
import { extremes } from '../operators/table.ts';
import { shortNumber } from '../pictures/numbers.ts';
import type { Invariance, VerifyReport } from '../report.ts';

/** A number of a trained model beside that of the same model without its training. */
export interface BesideInitial {
  readonly title: string;
  /** What the numbers are, in lines. */
  readonly definition: readonly string[];
  /** Names of the tensors that the columns after the first are of. */
  readonly columns: readonly string[];
  /** A name and a number for each column, as text. */
  readonly rows: readonly (readonly string[])[];
}

/** The order parameter of the paper's sequel; undefined where the context had no room for sampled texts. */
export function orderBesideInitial({ orderParameter: own, initial }: Invariance): BesideInitial | undefined {
  const fresh = initial.orderParameter;
  if (own === undefined || fresh === undefined) return undefined;
  const columns = deducedIn(own.runs);
  const row = (name: string, spread: Spread): readonly string[] =>
    [name, ...columns.map((tensor) => shortNumber(deduced(spread, tensor).normalised))];
  return {
    title: 'Order parameter',
    definition: [
      'RMSE / |mean| of entries over all prompts, layers and heads: between two sampled runs, which deduce from their',
      'whole texts, and between the first run and the prompts alone, as a cache keeps them. By its paper (arXiv',
      '2603.23539), which goes by G_LM, it is near 0 where a model was trained near criticality, and large below it.',
      `Here a run samples ${own.tokens} tokens a prompt, top-p 0.8. An untrained A has a mean of 0 but for roundings.`,
    ],
    columns,
    rows: [
      row('two runs', own.runs), row('a run and the cache', own.cached),
      row('two runs, untrained', fresh.runs), row('a run and the cache, untrained', fresh.cached),
    ],
  };
}

/** The DAG loss of what the first prompt makes of the model, and what each layer has in it. */
export function dagBesideInitial({ dagLoss, operators, invariance }: VerifyReport): BesideInitial {
  const columns = deducedIn(dagLoss);
  const means = (name: string, losses: DagLosses): readonly string[] =>
    [name, ...columns.map((tensor) => shortNumber(deduced(losses, tensor)))];
  return {
    title: 'DAG loss',
    definition: [
      'Mean of ln(trace(exp(M∘M)) / d) over layers and heads, of what the first prompt deduces: 0 for a graph without',
      'cycles. Of one layer, the smallest … largest of its heads.',
    ],
    columns,
    rows: [
      means('trained', dagLoss), ...(invariance === undefined ? [] : [means('untrained', invariance.initial.dagLoss)]),
      ...operators.map((layer, l) =>
        [`layer ${l}`, ...columns.map((tensor) => extremes(deduced(layer, tensor).dagLoss))]),
    ],
  };
}
