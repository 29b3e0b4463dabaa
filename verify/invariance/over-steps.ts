import type { PldrModel } from '../../models/pldr/index.ts';
import { argmax, largestDifference, logProbability, margin } from '../numbers.ts';
import { follow, frozenAt, logitsOfText } from '../texts.ts';
import { changeBetween, type Change } from './change.ts';
import { readText } from './deductions.ts';

/** One step of a text, with the operator of the prompt (frozen) and with that of all of the text so far (anew). */
export interface Step {
  /** The token that the frozen operator chose, which the text goes on with. */
  readonly id: number;
  /** From the prompt's tensors to those of the text so far. */
  readonly change: Change;
  /** The largest difference of the two kinds of logits. */
  readonly logits: number;
  /** log p(id) anew, less log p(id) frozen. */
  readonly logProbability: number;
  /** How far the chosen token's logit is above the next, frozen. */
  readonly margin: number;
  /** Whether no token could change: the margin is more than twice what the logits differ by. */
  readonly safe: boolean;
  /** Whether both choose the same token. */
  readonly agrees: boolean;
}

/** A text that was scored: −mean log p of its tokens after the prompt. */
export interface Score {
  readonly loss: number;
}

/** A score beside another one: how far log p of single tokens lies apart, which the mean hides. */
export interface ScoreBeside extends Score {
  /** Of |difference|: half of the tokens are below, nine of ten, all. */
  readonly median: number;
  readonly ninetieth: number;
  readonly largest: number;
}

/** A text that was scored in three ways: by G of the text so far, of the prompt, and of the whole text (looking ahead). */
export interface Scoring {
  readonly anew: Score;
  readonly frozen: ScoreBeside;
  readonly whole: ScoreBeside;
}

export interface OverSteps {
  readonly ids: readonly number[];
  readonly steps: readonly Step[];
  /** The first step at which the operator made anew chooses another token: from there on greedy texts differ. */
  readonly firstDifference: number | undefined;
  readonly scoring: Scoring;
}

/**
 * Follows the greedy text that a prompt's operator gives, and compares each step with what the operator of the text so
 * far would say. @throws as `forward`
 */
export async function overSteps(model: PldrModel, prompt: readonly number[], count: number): Promise<OverSteps> {
  const options = await frozenAt(model, prompt);
  const { ids } = await follow(model, prompt, count, options);
  const text = [...prompt, ...ids.slice(0, -1)];
  const frozen = (await logitsOfText(model, text, options)).slice(prompt.length - 1);
  const whole = (await logitsOfText(model, text)).slice(prompt.length - 1);
  const first = await readText(model, prompt);
  const anew: Float32Array[] = [];
  const steps: Step[] = [];
  for (const [n, id] of ids.entries()) {
    const read = n === 0 ? first : await readText(model, text.slice(0, prompt.length + n));
    const own = read.logits[read.logits.length - 1];
    anew.push(own);
    steps.push({ ...compared(frozen[n], own, id), change: changeBetween(first.layers, read.layers) });
  }
  const firstDifference = steps.findIndex((s) => !s.agrees);
  return {
    ids, steps,
    firstDifference: firstDifference < 0 ? undefined : firstDifference,
    scoring: scored(ids, { frozen, anew, whole }),
  };
}

function compared(frozen: Float32Array, anew: Float32Array, id: number): Omit<Step, 'change'> {
  const logits = largestDifference(anew, frozen);
  const above = margin(frozen);
  return {
    id, logits, margin: above, safe: above > 2 * logits, agrees: argmax(anew) === argmax(frozen),
    logProbability: logProbability(anew, id) - logProbability(frozen, id),
  };
}

type Kind = 'frozen' | 'anew' | 'whole';

function scored(ids: readonly number[], logits: Readonly<Record<Kind, readonly Float32Array[]>>): Scoring {
  const score = (kind: Kind): readonly number[] => ids.map((id, n) => logProbability(logits[kind][n], id));
  const [frozen, anew, whole] = (['frozen', 'anew', 'whole'] as const).map(score);
  const loss = (s: readonly number[]): number => -s.reduce((sum, v) => sum + v, 0) / s.length;
  const beside = (s: readonly number[]): ScoreBeside => {
    const apart = s.map((v, n) => Math.abs(v - anew[n])).toSorted((a, b) => a - b);
    const below = (share: number): number => apart[Math.ceil(share * apart.length) - 1];
    return { loss: loss(s), median: below(0.5), ninetieth: below(0.9), largest: below(1) };
  };
  return { anew: { loss: loss(anew) }, frozen: beside(frozen), whole: beside(whole) };
}
