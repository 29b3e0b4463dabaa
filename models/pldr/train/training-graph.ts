import type { ProgramSource } from '../../../compiler/draft.ts';
import { stage } from '../../../compiler/passes/stage.ts';
import {
  adamw, add, axesOf, axis, clipByGlobalNorm, clipByValue, grad, inHalfPrecision, input, mul, parameter, symbol,
  tensorOf, type AnyTensor, type Decays, type Node, type Size, type Tensor,
} from '../../../dsl/index.ts';
import { topological } from '../../../dsl/graph.ts';
import { axesFor, type Axes } from '../axes.ts';
import type { PldrConfig } from '../config.ts';
import { decoder } from '../decoder.ts';
import { variantOf, type Variant } from '../operator.ts';
import { GIVEN_G } from '../parameters.ts';
import { isMatrix } from '../storage.ts';
import { addedGradients, meanGradients, type NamedValue } from './accumulation.ts';
import { dagLoss, type DagCoefficients } from './dag-loss.ts';
import { nextToken } from './task/next-token.ts';
import type { TaskGraph } from './task/task-graph.ts';

/** What measuring a model depends on. */
export interface MeasuredGraphOptions {
  /** Rows of a batch. */
  readonly batch: number;
  /** Positions of a row. */
  readonly positions: number;
  /** Whether batches may have fewer positions: then sums over all positions of a batch take two steps. */
  readonly isRagged?: boolean;
  readonly variant?: Variant;
  /** What the model is to do: to say the next token, where it is missing. */
  readonly task?: TaskGraph;
}

export interface TrainingGraphOptions extends MeasuredGraphOptions {
  /** What the DAG loss counts; nothing where it is missing. */
  readonly dag?: DagCoefficients;
  /** Whether gradients are cut one by one, scaled by their common norm, or left alone. */
  readonly clip: Clipping;
  readonly betas: readonly [first: number, second: number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly decays: Decays;
  /** Whether an update may be made of several batches: that takes one more number for each parameter. */
  readonly accumulates?: boolean;
  /**
   * Whether what learns contracts large matrices in half precision, as mixed-precision training does (arXiv
   * 1710.03740): weights and moments stay f32, and so does what is evaluated.
   */
  readonly isHalf?: boolean;
  /** Bytes that activations are wished to take (`ProgramSource.memory`). */
  readonly memory?: number;
}

export interface Clipping {
  readonly by: 'value' | 'norm' | 'none';
  /** What entries, or the norm, are at most. */
  readonly at: number;
}

/** What a training is made of: programs over one set of weights. */
export interface TrainingPrograms {
  /**
   * Learns from a batch: reads `ids` [batch, pos] and the task's `targets`, and returns `loss` (with the DAG terms),
   * `crossEntropy` and `accuracy`. It reads `learningRate` and `step` (1, 2, …) and replaces parameters and moments;
   * where gradients are accumulated it reads `isFirst` instead, and replaces the sums of gradients.
   */
  readonly train: ProgramSource;
  /**
   * Where gradients are accumulated: the update that their sums make. Reads `learningRate`, `step` and `count`, the
   * number of all targets, and replaces parameters and moments.
   */
  readonly update: ProgramSource | undefined;
  /** Reads `ids` and `targets`; returns `crossEntropy` and `accuracy` over the `count` targets that count. */
  readonly evaluate: ProgramSource;
  /** Names of the parameters that are trained. */
  readonly trained: readonly string[];
}

/** The weight that is a parameter's running mean of gradients (`m`), or of their squares (`v`). */
export const momentName = (moment: 'm' | 'v', weight: string): string => `adam.${moment}.${weight}`;

/** The parameter whose moment a weight is, undefined for other weights. */
export const momentOf = (weight: string): string | undefined => /^adam\.[mv]\.(.*)$/.exec(weight)?.[1];

/** Declares a model with its loss, differentiates it, and updates every parameter by AdamW. */
export function trainingPrograms(config: PldrConfig, options: TrainingGraphOptions): TrainingPrograms {
  const { measured, layers, axes } = declared(config, options);
  const dag = options.dag === undefined ? undefined : dagLoss(layers, options.dag, axes);
  const loss = dag === undefined ? measured.crossEntropy : add(measured.crossEntropy, dag.loss);
  const trained = trainedParameters(loss);
  const terms = [...dag?.terms ?? []].map(([name, term]) => [`dag.${name}`, term] as const);
  const computed = { loss, ...measured, ...Object.fromEntries(terms) };
  const learned = options.isHalf === true ? inHalf(computed) : computed;
  return {
    ...learning(learned, trained, gradientsOf(learned.loss, trained, options), options),
    evaluate: measuring(measured),
    trained: trained.map((p) => p.name),
  };
}

/** The `evaluate` of `trainingPrograms` alone. */
export const measuringProgram = (config: PldrConfig, options: MeasuredGraphOptions): ProgramSource =>
  measuring(declared(config, options).measured);

const measuring = (measured: Readonly<Record<string, AnyTensor>>): ProgramSource => staged('evaluate', measured, new Map());

/** A model, and what its task measures of it. */
function declared(config: PldrConfig, options: MeasuredGraphOptions) {
  const axes = trainingAxes(config, options);
  const { task = nextToken, variant = variantOf(config) } = options;
  const ids = input('ids', [axes.Batch, axes.Pos], 'i32');
  const { hidden, layers } = decoder(task.inputs(ids, axes, config), axes, config, variant);
  return { axes, layers, measured: { ...task.measures(hidden, { ids, axes, config }) } };
}

/** The same numbers with large matrices contracted in half precision. */
function inHalf<T extends Readonly<Record<string, AnyTensor>>>(outputs: T): T {
  const names = Object.keys(outputs);
  const rounded = inHalfPrecision(names.map((name) => outputs[name].node), isMatrix);
  return Object.fromEntries(names.map((name, i) => [name, tensorOf(rounded[i])])) as T;
}

/**
 * In half precision the adjoints of a mean over thousands of positions would be too small: what is differentiated is
 * the loss times a power of two, about their number, which the gradients are divided by.
 */
function gradientsOf(
  loss: Tensor<never>, trained: readonly NamedValue[], { batch, positions, isHalf }: TrainingGraphOptions,
): readonly AnyTensor[] {
  const wrt = trained.map((p) => p.value);
  if (isHalf !== true) return grad(loss, wrt);
  const scale = 2 ** Math.ceil(Math.log2(batch * positions));
  return grad(mul(loss, scale), wrt).map((g) => mul(g, 1 / scale));
}

/** The program that learns from a batch, and the one that ends an update of several. */
function learning(
  outputs: Readonly<Record<string, AnyTensor>> & { readonly count: Tensor<never> }, trained: readonly NamedValue[],
  gradients: readonly AnyTensor[], options: TrainingGraphOptions,
): Pick<TrainingPrograms, 'train' | 'update'> {
  if (options.accumulates !== true) {
    return { train: staged('train', outputs, updatesBy(trained, gradients, options)), update: undefined };
  }
  return {
    train: staged('train', outputs, addedGradients(trained, gradients, outputs.count)),
    update: staged('update', {}, updatesBy(trained, meanGradients(trained), options)),
  };
}

/** What becomes of parameters and moments. */
function updatesBy(
  trained: readonly NamedValue[], gradients: readonly AnyTensor[], options: TrainingGraphOptions,
): ReadonlyMap<string, Node> {
  const kept = clipped(gradients, options.clip);
  return new Map(trained.flatMap((p, i) => updated(p, kept[i], options)));
}

/** Known sizes, so that rows and positions can be one axis: a weight's gradient is then one contraction. */
function trainingAxes(config: PldrConfig, { batch, positions, isRagged = false }: MeasuredGraphOptions): Axes {
  const length: Size = isRagged ? symbol('pos', positions) : positions;
  return {
    ...axesFor(config, batch), Batch: axis('batch', batch), Pos: axis('pos', length), Key: axis('key', length),
  };
}

/** The parameters that a loss reads, but for an operator that was given to the model. */
const trainedParameters = (loss: AnyTensor): readonly NamedValue[] => topological([loss.node])
  .flatMap((n): readonly NamedValue[] =>
    (n.kind === 'parameter' && n.name !== GIVEN_G ? [{ name: n.name, value: tensorOf(n) }] : []));

function clipped(gradients: readonly AnyTensor[], { by, at }: Clipping): readonly AnyTensor[] {
  switch (by) {
    case 'value': return gradients.map((g) => clipByValue<string>(g, at));
    case 'norm': return clipByGlobalNorm(gradients, at).gradients;
    case 'none': return gradients;
  }
}

function updated(
  { name, value }: NamedValue, gradient: AnyTensor, options: TrainingGraphOptions,
): readonly (readonly [weight: string, value: Node])[] {
  const { betas, eps, decays } = options;
  const axes = axesOf(value);
  const [m, v] = (['m', 'v'] as const).map((moment) => momentName(moment, name));
  const next = adamw<string>(value, gradient, parameter(m, axes), parameter(v, axes), {
    learningRate: input('learningRate', []), step: input('step', []), betas, eps,
    weightDecay: decays(name, axes) ? options.weightDecay : 0,
  });
  return [[name, next.parameter.node], [m, next.m.node], [v, next.v.node]];
}

/** Nothing is cut in training: what could be frozen or kept is computed. */
function staged(
  name: string, outputs: Readonly<Record<string, AnyTensor>>, updates: ReadonlyMap<string, Node>,
): ProgramSource {
  const roots = [...Object.values(outputs).map((x) => x.node), ...updates.values()];
  const { outputs: values } = stage(roots, { supplied: new Set(), kept: new Set(), caches: 'none' });
  const names = Object.keys(outputs);
  return {
    name,
    outputs: Object.fromEntries(names.map((key, i) => [key, values[i]])),
    updates: new Map([...updates.keys()].map((weight, i) => [weight, values[names.length + i]])),
  };
}
