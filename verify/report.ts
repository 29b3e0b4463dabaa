import { countParameters, type PldrConfig, type PldrModel } from '../models/pldr/index.ts';
import type { LawResult } from './exact/law.ts';
import { runLaws } from './exact/run-laws.ts';
import { interpretedModel } from './interpreted/checkpoint.ts';
import { atInitialisation, type Initial } from './ablation/initial.ts';
import { replaced, type Replacement } from './ablation/replaced.ts';
import { betweenTexts, type BetweenTexts } from './invariance/between-texts.ts';
import { readText } from './invariance/deductions.ts';
import { orderParameter, type OrderParameter } from './invariance/order-parameter.ts';
import { overSteps, type OverSteps } from './invariance/over-steps.ts';
import { dagLosses, layerFacts, type DagLosses, type LayerFacts } from './operators/layers.ts';
import { deduces } from './texts.ts';

export interface VerifyOptions {
  /** Texts of token ids, two or more; the first is followed step by step. */
  readonly prompts: readonly (readonly number[])[];
  /** A text of two tokens or more whose perplexity is taken. */
  readonly text: readonly number[];
  /** Greedy tokens after the first. */
  readonly steps: number;
  /** Is told of each law as soon as it is known. */
  readonly onLaw?: (result: LawResult) => void;
}

/** What could be said of a model's caches: plain data. */
export interface VerifyReport {
  readonly format: 1;
  readonly config: PldrConfig;
  readonly parameters: number;
  readonly device: string;
  /** What must hold but for roundings. */
  readonly laws: readonly LawResult[];
  /** The texts that the laws were asked of: long ones are cut where the interpreter would take minutes. */
  readonly lawTexts: { readonly prompts: readonly number[]; readonly steps: number };
  /** The text of `VerifyOptions.text` under other operators. */
  readonly replaced: readonly Replacement[];
  /** What each layer deduces from the first prompt, or has as its operator whatever is read. */
  readonly operators: readonly LayerFacts[];
  /** The DAG loss of these. */
  readonly dagLoss: DagLosses;
  /** What was measured and is never asserted; undefined where no operator is deduced from a text. */
  readonly invariance: Invariance | undefined;
}

/** How what is deduced moves. */
export interface Invariance {
  readonly between: BetweenTexts;
  readonly over: OverSteps;
  /** The same model without its training. */
  readonly initial: Initial;
  /** Of as many sampled tokens as `VerifyOptions.steps`; undefined where the context has no room for them. */
  readonly orderParameter: OrderParameter | undefined;
}

/** Asks the laws of a model's caches and measures how its operator moves. @throws as `forward` */
export async function verifyModel(model: PldrModel, options: VerifyOptions): Promise<VerifyReport> {
  const { config, device, checkpoint } = model;
  const parameters = countParameters(config, model.variant);
  const texts = affordable(options, parameters);
  const interpreted = await interpretedModel(checkpoint, model.variant);
  const laws = await runLaws({ model, interpreted, ...texts }, options.onLaw);
  const operators = layerFacts((await readText(model, options.prompts[0])).layers, config);
  return {
    format: 1, config, parameters, device: device.name, laws,
    lawTexts: { prompts: texts.prompts.map((p) => p.length), steps: texts.steps },
    replaced: await replaced(model, options.prompts[0], options.text, options.steps),
    operators, dagLoss: dagLosses(operators),
    invariance: deduces(model) ? await invarianceOf(model, options) : undefined,
  };
}

const invarianceOf = async (model: PldrModel, { prompts, steps }: VerifyOptions): Promise<Invariance> => ({
  between: await betweenTexts(model, prompts),
  over: await overSteps(model, prompts[0], steps),
  orderParameter: await orderParameter(model, prompts, steps),
  initial: await atInitialisation(model, prompts, steps),
});

/** Weights times positions that the interpreter multiplies in some ten seconds. */
const AFFORDABLE = 1e8;

/** Prompts and steps that the interpreter can follow: shortened alike where the model is large, to no less than two. */
function affordable({ prompts, steps }: VerifyOptions, parameters: number): Pick<VerifyOptions, 'prompts' | 'steps'> {
  const positions = prompts.reduce((n, p) => n + p.length, steps);
  const share = Math.min(1, AFFORDABLE / (parameters * positions));
  const cut = (length: number): number => Math.min(length, Math.max(2, Math.floor(share * length)));
  return { prompts: prompts.map((p) => p.slice(0, cut(p.length))), steps: cut(steps) };
}
