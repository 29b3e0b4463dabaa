import { RicciError } from '../../../dsl/errors.ts';
import { bestAnswer } from './best-answer.ts';
import type { Classifier, HeadCheckpoint } from './classifier.ts';
import { encodeQuestion, encodeText, encodeWords } from './encode.ts';
import { softmaxOf } from './softmax.ts';

/** A label, and how likely each label is. */
export interface Labelled {
  readonly label: string;
  readonly probability: number;
  readonly probabilities: Readonly<Record<string, number>>;
  /** Whether the end of the text was cut off, since the model's context is shorter. */
  readonly cut: boolean;
}

/** A word with its label; none where it was cut off. */
export interface LabelledWord {
  readonly word: string;
  readonly label: string | undefined;
  readonly probability: number | undefined;
}

/** Where an answer stands in its context: characters [start, end), as JavaScript counts them. */
export interface Answer {
  readonly answer: string;
  readonly start: number;
  readonly end: number;
  readonly probability: number;
  readonly cut: boolean;
}

/** The label of a text, for a head of `sequence-classification`. */
export async function classifyText(
  { tokenizer, labels, checkpoint }: HeadCheckpoint, classifier: Classifier, text: string,
): Promise<Labelled> {
  const { contextLength } = checkpoint.config;
  const ids = encodeText(tokenizer, text);
  const likely = softmaxOf(await classifier.logits(ids.slice(0, contextLength)));
  const best = likely.indexOf(Math.max(...likely));
  return {
    label: labels[best], probability: likely[best],
    probabilities: Object.fromEntries(labels.map((label, i) => [label, likely[i]])),
    cut: ids.length > contextLength,
  };
}

/** The labels of words, each read off its first token, for a head of `token-classification`. */
export async function classifyWords(
  { tokenizer, labels, checkpoint }: HeadCheckpoint, classifier: Classifier, words: readonly string[],
): Promise<readonly LabelledWord[]> {
  const { ids, first } = encodeWords(tokenizer, words);
  const read = ids.slice(0, checkpoint.config.contextLength);
  const logits = read.length === 0 ? [] : await classifier.logits(read);
  return words.map((word, i) => {
    const at = first[i];
    if (at === undefined || at >= read.length) return { word, label: undefined, probability: undefined };
    const likely = softmaxOf(logits.slice(at * labels.length, (at + 1) * labels.length));
    const best = likely.indexOf(Math.max(...likely));
    return { word, label: labels[best], probability: likely[best] };
  });
}

/**
 * The likeliest answer to a question in a context, for a head of `question-answering`.
 * @throws RicciError `input/question` where the question leaves no room for any of the context
 */
export async function findAnswer(
  { tokenizer, checkpoint }: HeadCheckpoint, classifier: Classifier, question: string, context: string,
): Promise<Answer> {
  const { contextLength } = checkpoint.config;
  const { ids, spans } = encodeQuestion(tokenizer, question, context);
  const isPart = (token: number): boolean => spans[token] !== undefined;
  if (!spans.slice(0, contextLength).some((span) => span !== undefined)) {
    throw new RicciError({
      code: 'input/question',
      message: context.trim() === '' ? 'There is no context in which the answer could stand.'
        : `The question leaves no room for its context: the model reads ${contextLength} tokens.`,
      hint: 'Give a question that is short, and a context with an answer in it.',
    });
  }
  const best = bestAnswer(await classifier.logits(ids.slice(0, contextLength)), isPart);
  const [from, to] = [spans[best?.from ?? 0]?.from ?? 0, spans[best?.to ?? 0]?.to ?? 0];
  return {
    answer: context.slice(from, to), start: from, end: to, probability: best?.probability ?? 0,
    cut: ids.length > contextLength,
  };
}
