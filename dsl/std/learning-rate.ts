import { RicciError } from '../errors.ts';

/** The learning rate of the update after `step` others: 0, 1, 2, … */
export type LearningRate = (step: number) => number;

export interface Decayed {
  /** The rate that the warm-up ends with. */
  readonly learningRate: number;
  /** Updates of the warm-up: the first has the rate 0, and the one after them the full rate. */
  readonly warmupSteps: number;
  /** From this update on, the rate stays as it is. */
  readonly totalSteps: number;
  /** The share of the full rate that is left at the end. */
  readonly alpha: number;
}

/** The same rate always, after a warm-up if there is one. */
export const constantRate = (learningRate: number, warmupSteps = 0): LearningRate => (step) =>
  (step < warmupSteps ? learningRate * (step / warmupSteps) : learningRate);

/**
 * Warm-up from 0, then half a cosine from the full rate r down to αr: r·((1 − α)·½(1 + cos πx) + α), where x goes from 0
 * to 1 until `totalSteps`. As PLDR-LLM's authors train; after Loshchilov and Hutter, arXiv 1608.03983.
 * @throws `training/schedule`
 */
export const warmupCosine = (options: Decayed): LearningRate =>
  decayed(options, (x, alpha) => (1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * x)) + alpha);

/** Warm-up from 0, then a straight line from the full rate r down to αr. @throws `training/schedule` */
export const warmupLinear = (options: Decayed): LearningRate =>
  decayed(options, (x, alpha) => 1 - (1 - alpha) * x);

function decayed(options: Decayed, shape: (x: number, alpha: number) => number): LearningRate {
  checkSchedule(options);
  const { learningRate, warmupSteps, totalSteps, alpha } = options;
  return (step) => {
    const s = Math.min(step, totalSteps);
    if (s < warmupSteps) return learningRate * (s / warmupSteps);
    if (s === warmupSteps) return learningRate;
    return learningRate * shape((s - warmupSteps) / (totalSteps - warmupSteps), alpha);
  };
}

function checkSchedule({ learningRate, warmupSteps, totalSteps, alpha }: Decayed): void {
  const problems: string[] = [];
  const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  if (!(Number.isFinite(learningRate) && learningRate >= 0)) problems.push(`the learning rate is ${learningRate}`);
  if (!whole(warmupSteps)) problems.push(`the warm-up has ${warmupSteps} steps`);
  if (!whole(totalSteps)) problems.push(`there are ${totalSteps} steps`);
  if (warmupSteps > totalSteps) problems.push(`the warm-up has ${warmupSteps} of ${totalSteps} steps`);
  if (!(alpha >= 0 && alpha <= 1)) problems.push(`alpha is ${alpha}`);
  if (problems.length === 0) return;
  throw new RicciError({
    code: 'training/schedule',
    message: `The learning rate has no schedule: ${problems.join('; ')}.`,
    hint: 'Rates are at least 0, alpha is from 0 to 1, and a warm-up is no longer than the training.',
  });
}
