import {
  add, axis, concat, constant, logTraceExp, meanBut, mul, RicciError, sum, table, tensorOf, type Axis, type Tensor,
} from '../../../dsl/index.ts';
import type { Axes } from '../axes.ts';
import type { Deduced, Operator } from '../operator.ts';

/** The tensors of a layer that may be regularised, in the authors' order; G is their G_LM. */
export const REGULARISED = ['A_LM', 'A_P', 'G'] as const;
export type Regularised = (typeof REGULARISED)[number];

/** What each tensor's term counts in the loss: 0.05 each in the paper. One that is not above 0 is left out. */
export type DagCoefficients = Readonly<Record<Regularised, number>>;

export interface DagLoss {
  /** Σ of coefficient times term, 0 where every term is left out [no axes]. */
  readonly loss: Tensor<never>;
  /** The terms that count: l of each tensor. */
  readonly terms: ReadonlyMap<Regularised, Tensor<never>>;
}

/**
 * Regularises operators towards graphs without cycles: l(M) is the mean over layers, batch and heads of
 * |ln(trace(exp(M∘M)) / d)| (spec 7; arXiv 2410.16703), which is never negative even without the absolute value.
 * `layers` are the traces of all layers. The loss is added to the cross-entropy.
 * @throws `training/no-tensor` where a coefficient is above 0 and a layer has no such tensor
 */
export function dagLoss(
  layers: readonly Partial<Deduced>[], coefficients: DagCoefficients, axes: Pick<Axes, 'Row' | 'Col'>,
): DagLoss {
  const counted = REGULARISED.filter((name) => coefficients[name] > 0);
  checkTensors(layers, counted);
  const entries = counted.flatMap((name) => layers.flatMap((layer) => {
    const matrix = layer[name];
    return matrix === undefined ? [] : [{ name, matrix }];
  }));
  const measured = groupsOf(entries).map((group) => measure(group, axes));
  const terms = new Map(counted.map((name) =>
    [name, mul(1 / layers.length, added(measured.map((sumOf) => sumOf(name))))] as const));
  const weighted = [...terms].map(([name, term]) => mul(coefficients[name], term));
  return { loss: added(weighted), terms };
}

const added = (xs: readonly Tensor<never>[]): Tensor<never> =>
  (xs.length === 0 ? constant(0) : xs.reduce((a, b) => add(a, b)));

interface Entry {
  readonly name: Regularised;
  readonly matrix: Operator;
}

/** Matrices of the same axes: an operator may be one for all rows of a batch, or for all heads. */
function groupsOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = entry.matrix.node.axes.map((a) => a.name).sort().join();
    groups.set(key, [...groups.get(key) ?? [], entry]);
  }
  return [...groups.values()];
}

/** All matrices of a group side by side, so that the whole model has one chain of squarings; Σ of l by name. */
function measure(
  entries: readonly Entry[], { Row, Col }: Pick<Axes, 'Row' | 'Col'>,
): (name: Regularised) => Tensor<never> {
  const Operators: Axis<'operator'> = axis('operator', entries.length);
  const all = concat(entries.map(({ matrix }) => matrix), Operators);
  const losses = meanBut(logTraceExp(all, Row, Col), Operators);
  return (name) => {
    const own = table(entries.map((entry) => (entry.name === name ? 1 : 0)), [Operators]);
    return tensorOf(sum(mul(losses, own), Operators).node);
  };
}

function checkTensors(layers: readonly Partial<Deduced>[], counted: readonly Regularised[]): void {
  const missing = counted.filter((name) => layers.some((layer) => layer[name] === undefined));
  if (missing.length === 0) return;
  throw new RicciError({
    code: 'training/no-tensor',
    message: `The DAG loss is asked of ${missing.join(' and ')}, which this model's operators are not made from.`,
    hint: 'Set the coefficients of these tensors to 0: only a learned G has A_LM and A_P.',
  });
}
