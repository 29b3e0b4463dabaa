import type { LabelCount } from '../../models/pldr/train/labelled/labels.ts';
import type { TrainingEvent } from '../../models/pldr/train/run/run.ts';

/** Labels that are named. */
const SHOWN = 8;

/**
 * `5574 examples (ham 4827, spam 747); 278 are held out, 86.3 % of their labels ham`: how often the commonest label is
 * right is what an accuracy has to be compared with.
 */
export function labelledLine(
  { examples, labels, heldOut, heldOutLabels }: Extract<TrainingEvent, { kind: 'labelled' }>,
): string {
  const shown = labels.slice(0, SHOWN).map(({ label, count }) => `${label} ${count}`);
  const more = labels.length > SHOWN ? [`${labels.length - SHOWN} more`] : [];
  const counted = labels.length === 0 ? '' : ` (${[...shown, ...more].join(', ')})`;
  return `${examples} examples${counted}${heldOut === 0 ? '' : `; ${heldOut} are held out${commonest(heldOutLabels)}`}`;
}

function commonest(labels: readonly LabelCount[]): string {
  const [first] = labels;
  if (first === undefined) return '';
  const all = labels.reduce((n, { count }) => n + count, 0);
  return `, ${(100 * first.count / all).toFixed(1)} % of their labels ${first.label}`;
}
