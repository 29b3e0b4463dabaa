import type { Classifier, HeadCheckpoint } from '../../models/pldr/heads/classifier.ts';
import { classifyText, classifyWords, findAnswer } from '../../models/pldr/heads/classify.ts';
import type { Ask } from './ask.ts';

/** What a head says, for a program and for a reader. */
export interface Verdict {
  readonly json: unknown;
  readonly lines: readonly string[];
  /** What a reader has to know besides. */
  readonly notice: string | undefined;
}

export async function verdictOf(model: HeadCheckpoint, classifier: Classifier, ask: Ask): Promise<Verdict> {
  switch (ask.kind) {
    case 'sequence-classification': {
      const found = await classifyText(model, classifier, ask.text);
      return { json: found, lines: [`${found.label} ${shown(found.probability)}`], notice: cutNotice(model, found.cut) };
    }
    case 'token-classification': {
      const words = await classifyWords(model, classifier, ask.words);
      const lines = words.map(({ word, label, probability }) =>
        (label === undefined ? `${word}\t–` : `${word}\t${label} ${shown(probability ?? 0)}`));
      return { json: { words }, lines, notice: cutNotice(model, words.some(({ label }) => label === undefined)) };
    }
    case 'question-answering': {
      const found = await findAnswer(model, classifier, ask.question, ask.context);
      return { json: found, lines: [`${found.answer} ${shown(found.probability)}`], notice: cutNotice(model, found.cut) };
    }
  }
}

const shown = (probability: number): string => probability.toFixed(3);

const cutNotice = ({ checkpoint }: HeadCheckpoint, cut: boolean): string | undefined =>
  (cut ? `ricci: only the first ${checkpoint.config.contextLength} tokens were read` : undefined);
