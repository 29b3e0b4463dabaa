import type { TensorEntry } from '../../../runtime/safetensors/entry.ts';
import { isJsonObject, type JsonObject } from '../../../runtime/safetensors/json.ts';

/**
 * What a head says instead of the next token (spec section 11): a label of a text, a label of each word, or where in a
 * text the answer to a question stands.
 */
export type HeadKind = 'sequence-classification' | 'token-classification' | 'question-answering';

/** An answer begins at one token and ends at another. */
export const EDGES = 2;

/** The classes of the Hugging Face port. */
const ARCHITECTURES: Readonly<Record<HeadKind, string>> = {
  'sequence-classification': 'PldrllmForSequenceClassification',
  'token-classification': 'PldrllmForTokenClassification',
  'question-answering': 'PldrllmForQuestionAnswering',
};

/** The weights of a head over `hiddenSize` channels: name → shape. */
export function headShapes(
  kind: HeadKind, hiddenSize: number, labels: number,
): ReadonlyMap<string, readonly number[]> {
  switch (kind) {
    case 'sequence-classification': return new Map([['score.weight', [labels, hiddenSize]]]);
    case 'token-classification': return new Map([['score.weight', [labels, hiddenSize]], ['score.bias', [labels]]]);
    case 'question-answering':
      return new Map([['qa_outputs.weight', [EDGES, hiddenSize]], ['qa_outputs.bias', [EDGES]]]);
  }
}

/** The kind of a checkpoint's head, by its weights; undefined where it has none. */
export function headKindOf(heads: ReadonlyMap<string, TensorEntry>): HeadKind | undefined {
  if (heads.has('score.weight')) return heads.has('score.bias') ? 'token-classification' : 'sequence-classification';
  return heads.has('qa_outputs.weight') ? 'question-answering' : undefined;
}

/** The keys of config.json by which Hugging Face knows the head and its labels. */
export function headJson(kind: HeadKind, labels: readonly string[]): JsonObject {
  const architectures = [ARCHITECTURES[kind]];
  if (kind === 'question-answering') return { architectures };
  return {
    architectures,
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    ...(kind === 'sequence-classification' ? { problem_type: 'single_label_classification' } : {}),
  };
}

/** The labels that a config.json names, `LABEL_0` and so on where it names none, as Hugging Face does. */
export function labelsOf(json: unknown, count: number): readonly string[] {
  const named = isJsonObject(json) && isJsonObject(json['id2label']) ? json['id2label'] : {};
  return Array.from({ length: count }, (_, i) => {
    const label = named[String(i)];
    return typeof label === 'string' ? label : `LABEL_${i}`;
  });
}
