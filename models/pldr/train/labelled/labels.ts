import { RicciError } from '../../../../dsl/errors.ts';
import { showJson } from '../../../../runtime/safetensors/json.ts';

/** Names of labels, sorted by code units so that they have the same numbers on every machine. */
export const sortedLabels = (names: Iterable<string>): readonly string[] =>
  [...new Set(names)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** How often each label occurs. */
export interface LabelCount {
  readonly label: string;
  readonly count: number;
}

/** By falling count. */
export function countLabels(labels: Iterable<string>): readonly LabelCount[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, count]) => ({ label, count })).sort((a, b) => b.count - a.count);
}

/** What the held-out examples are compared with must be among what is learned. */
export interface SplitLabels {
  readonly trained: ReadonlySet<string>;
  /** Label → where it occurs first. */
  readonly heldOut: ReadonlyMap<string, string>;
}

/** @throws RicciError `data/labels` where there is nothing to tell apart, or a label is only in what is held out */
export function checkLabels({ trained, heldOut }: SplitLabels): void {
  const unseen = [...heldOut].filter(([label]) => !trained.has(label));
  if (unseen.length > 0) {
    throw new RicciError({
      code: 'data/labels',
      message: `Of ${unseen.map(([label, place]) => `${showJson(label)} (${place})`).join(', ')
      } the training would see no example: ${unseen.length === 1 ? 'it is' : 'they are'} only in what is held out.`,
      hint: 'Give more examples, another seed, or hold out nothing (data.validation 0).',
    });
  }
  if (trained.size > 1) return;
  throw new RicciError({
    code: 'data/labels',
    message: `All examples have the label ${[...trained].map(showJson).join('')}, so that there is nothing to tell apart.`,
    hint: 'Give examples of at least two labels.',
  });
}
