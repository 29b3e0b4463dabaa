import { showDuration } from './show-duration.ts';

/** What a training shows of itself. What is undefined is not known yet. */
export interface TrainingView {
  /** Updates made, of so many. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss and accuracy of the last steps, natural logarithm and part of the tokens. */
  readonly loss: number | undefined;
  readonly accuracy: number | undefined;
  readonly learningRate: number | undefined;
  readonly validation: { readonly loss: number; readonly step: number } | undefined;
  /** The lowest validation loss so far. */
  readonly best: { readonly loss: number; readonly step: number } | undefined;
  readonly tokensPerSecond: number | undefined;
  /** Part of what the device reaches in products of matrices alone. */
  readonly partOfRoof: number | undefined;
  /** Duration of a step, as far as is known. */
  readonly secondsPerStep: number | undefined;
  /** Where the last checkpoint is. */
  readonly saved: { readonly path: string; readonly step: number } | undefined;
}

/**
 * The lines of a live view, always as many, each at most `width` characters long, so that one picture covers the last.
 */
export function progressLines(view: TrainingView, width: number): readonly string[] {
  const { validation, best, saved } = view;
  const measured = validation === undefined ? '–' : showMeasured(validation);
  const lowest = best === undefined ? '' : ` · best ${showMeasured(best)}`;
  const kept = saved === undefined ? '–' : `step ${showCount(saved.step)} in ${saved.path}`;
  return [
    bar(view, width),
    `loss          ${showLoss(view.loss)} · accuracy ${showPart(view.accuracy)}`,
    `validation    ${measured}${lowest}`,
    `learning rate ${showRate(view.learningRate)}`,
    `speed         ${speed(view)}`,
    `checkpoint    ${kept}`,
  ].map((line) => cut(line, width));
}

/** The same on one line, for where there is no terminal. */
export function progressLine(view: TrainingView): string {
  const { validation } = view;
  const measured = validation?.step === view.step ? [`validation ${showLoss(validation.loss)}`] : [];
  return [
    `step ${view.step}/${view.steps}`,
    `loss ${showLoss(view.loss)}`,
    ...measured,
    `lr ${showRate(view.learningRate)}`,
    speed(view),
  ].join(' · ');
}

/** Seconds until the last step; undefined where no step's duration is known. */
export const secondsLeft = ({ step, steps, secondsPerStep }: TrainingView): number | undefined =>
  secondsPerStep === undefined ? undefined : Math.max(0, steps - step) * secondsPerStep;

const speed = (view: TrainingView): string =>
  `${showCount(view.tokensPerSecond)} tokens/s · ${showPart(view.partOfRoof)} of roof · ` +
  `ETA ${showDuration(secondsLeft(view))}`;

/** The bar takes what the numbers leave, up to 40 characters. */
function bar({ step, steps }: TrainingView, width: number): string {
  const done = steps === 0 ? 1 : Math.min(1, step / steps);
  const numbers = `step ${showCount(step)} of ${showCount(steps)} · ${(100 * done).toFixed(1)} % `;
  const room = Math.max(0, Math.min(40, width - numbers.length));
  const filled = Math.floor(done * room);
  return numbers + '█'.repeat(filled) + '░'.repeat(room - filled);
}

function cut(line: string, width: number): string {
  // By characters as they are seen, so that none is cut in two; and no file name moves the cursor.
  const characters = [...line.replace(/\p{Cc}/gu, '?')];
  if (characters.length <= width) return characters.join('');
  return width < 1 ? '' : `${characters.slice(0, width - 1).join('')}…`;
}

const showLoss = (loss: number | undefined): string => loss?.toFixed(4) ?? '–';
const showMeasured = ({ loss, step }: { readonly loss: number; readonly step: number }): string =>
  `${showLoss(loss)} at step ${showCount(step)}`;
const showPart = (part: number | undefined): string => (part === undefined ? '–' : `${(100 * part).toFixed(1)} %`);
const showRate = (rate: number | undefined): string => rate?.toExponential(2) ?? '–';
const showCount = (count: number | undefined): string =>
  count === undefined ? '–' : Math.round(count).toLocaleString('en-US');
