import { showJson, type JsonObject } from '../../../../runtime/safetensors/json.ts';
import { encodeQuestion, encodeText, encodeWords } from '../../heads/encode.ts';
import type { HeadKind } from '../../heads/head-kind.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import { IGNORED_LABEL } from '../head-losses.ts';
import { answerSpan } from './answer-span.ts';
import { BEHIND, type Example } from './example.ts';
import { labelAt, labelsAt, textAt, textsAt, valueAt, type RecordReader } from './read-records.ts';

export interface ReadingOptions {
  readonly tokenizer: Tokenizer;
  /** Tokens that are read of a text; what is behind them is cut off. */
  readonly context: number;
  /** The key of a sequence's text. */
  readonly key: string;
}

/** How the examples of a kind stand in a file. */
export function readerOf(kind: HeadKind, options: ReadingOptions): RecordReader<Example> {
  switch (kind) {
    case 'sequence-classification': return sequences(options);
    case 'token-classification': return words(options);
    case 'question-answering': return questions(options);
  }
}

/** `{"text": "…", "label": "…"}` */
const sequences = ({ tokenizer, context, key }: ReadingOptions): RecordReader<Example> => ({
  columns: [key, 'label'],
  read(record, problems) {
    const text = textAt(record, key, problems);
    const label = labelAt(record, 'label', problems);
    if (text === undefined || label === undefined) return undefined;
    return {
      ids: encodeText(tokenizer, text).slice(0, context), labels: [label], targets: (numberOf) => [numberOf(label)],
    };
  },
});

/** `{"tokens": ["…", …], "labels": ["…", …]}`: the first token of a word has its label, and its others have none. */
const words = ({ tokenizer, context }: ReadingOptions): RecordReader<Example> => ({
  columns: ['tokens', 'labels'],
  read(record, problems) {
    const texts = textsAt(record, 'tokens', problems);
    const labels = labelsAt(record, 'labels', problems);
    if (texts === undefined || labels === undefined) return undefined;
    if (texts.length !== labels.length) problems.push(`there are ${texts.length} tokens and ${labels.length} labels`);
    if (texts.length === 0) problems.push('there is no token');
    const { ids, first } = encodeWords(tokenizer, texts);
    first.forEach((at, i) => {
      if (at === undefined) problems.push(`token ${i} is ${showJson(texts[i])}, in which there is nothing`);
    });
    const read = ids.slice(0, context);
    const marked = labels.flatMap((label, i) => {
      const at = first[i];
      return at === undefined || at >= read.length ? [] : [{ label, at }];
    });
    return {
      ids: read,
      labels: marked.map(({ label }) => label),
      targets(numberOf) {
        const targets = read.map(() => IGNORED_LABEL);
        for (const { label, at } of marked) targets[at] = numberOf(label);
        return targets;
      },
    };
  },
});

/**
 * `{"question": "…", "context": "…", "answer": "…", "start": 17}`: at which character the answer begins; the first place
 * where it is found, where nothing is said.
 */
const questions = ({ tokenizer, context }: ReadingOptions): RecordReader<Example> => ({
  columns: ['question', 'context', 'answer'],
  optional: ['start'],
  read(record, problems) {
    const question = textAt(record, 'question', problems);
    const text = textAt(record, 'context', problems);
    const answer = textAt(record, 'answer', problems);
    if (question === undefined || text === undefined || answer === undefined) return undefined;
    const found = answerSpan(text, answer, startOf(record), problems);
    if (found === undefined) return undefined;
    const { ids, spans } = encodeQuestion(tokenizer, question, text);
    if (spans.slice(0, context).every((span) => span === undefined)) {
      problems.push(`the question leaves no room for its context among ${context} tokens`);
    }
    const from = spans.findIndex((span) => span !== undefined && span.to > found.from);
    const to = spans.findLastIndex((span) => span !== undefined && span.from < found.to);
    const edges = to < context ? [from, to] : [BEHIND, BEHIND];
    return { ids: ids.slice(0, context), labels: [], targets: () => edges };
  },
});

/** What Parquet holds as integers of 64 bits are numbers here. */
function startOf(record: JsonObject): unknown {
  const start = valueAt(record, 'start') ?? undefined;
  return typeof start === 'bigint' ? Number(start) : start;
}
