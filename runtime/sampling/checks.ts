import { memoryEntries } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/errors.ts';
import { MAX_BATCH, MAX_STEPS, MAX_VOCAB } from './limits.ts';
import { isIntegerWithin, problemsError } from './options.ts';
import type { LogitsBinding, SamplerLayout } from './sampler.ts';

/** @throws RicciError `sampling/invalid-layout`, listing every problem at once */
export function checkLayout({ batch, vocab, maxSteps }: SamplerLayout): void {
  const problems: string[] = [];
  const check = (name: string, value: number, most: number): void => {
    if (isIntegerWithin(value, 1, most)) return;
    problems.push(`${name} is ${value}, but must be a whole number from 1 to ${most}`);
  };
  check('batch', batch, MAX_BATCH);
  check('vocab', vocab, MAX_VOCAB);
  check('maxSteps', maxSteps, MAX_STEPS);
  if (problems.length > 0) throw problemsError('sampling/invalid-layout', 'The sampler cannot be made', problems);
}

/** A sampler can encode a step that its layout has. @throws RicciError `sampling/too-many-steps` */
export function checkStep(step: number, { maxSteps }: SamplerLayout): void {
  if (isIntegerWithin(step, 0, maxSteps - 1)) return;
  throw new RicciError({
    code: 'sampling/too-many-steps',
    message: `Step ${step} was encoded, but the sampler has steps 0 to ${maxSteps - 1}.`,
    hint: 'Make the sampler with a larger maxSteps.',
  });
}

/**
 * Logits of all rows lie whole in their buffer, from a byte on that the device can bind.
 * @throws RicciError `sampling/bad-logits`, listing every problem at once
 */
export function checkLogits(
  { offset, size }: Omit<LogitsBinding, 'buffer'>, { batch, vocab }: SamplerLayout, whole: number, alignment: number,
): void {
  const needed = 4 * memoryEntries([batch, vocab]);
  const problems: string[] = [];
  if (size < needed) problems.push(`they have ${size} bytes, but the sampler needs ${needed}`);
  if (offset % alignment !== 0) problems.push(`they begin at byte ${offset}, which is not a multiple of ${alignment}`);
  if (offset + needed > whole) problems.push(`they end at byte ${offset + needed} of a buffer of ${whole}`);
  if (problems.length > 0) throw problemsError('sampling/bad-logits', 'The logits cannot be bound', problems);
}

/** Tokens can be read of steps that the layout has. @throws RicciError `sampling/no-such-steps` */
export function checkRead(from: number, count: number, { maxSteps }: SamplerLayout): void {
  if (isIntegerWithin(from, 0, maxSteps - 1) && isIntegerWithin(count, 1, maxSteps - from)) return;
  throw new RicciError({
    code: 'sampling/no-such-steps',
    message: `${count} tokens from step ${from} on were asked for, but the sampler has steps 0 to ${maxSteps - 1}.`,
    hint: 'Ask for steps that were submitted.',
  });
}

export const notBegun = (): RicciError =>
  new RicciError({
    code: 'sampling/not-begun',
    message: 'A step was encoded before the generation began.',
    hint: 'Call begin first.',
  });

export const readFailed = (bytes: number, cause?: unknown): RicciError =>
  new RicciError({
    code: 'sampling/read-failed',
    message: `Reading ${bytes} bytes of tokens back failed: the device was lost or the sampler destroyed.`,
    hint: 'Open a new device and start again; tokens that were read before are good.',
    cause,
  });
