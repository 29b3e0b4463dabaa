import { openHeadCheckpoint, Classifier, type HeadCheckpoint } from '../../models/pldr/heads/classifier.ts';
import { resolveChoice, type DeviceChoice } from '../../runtime/open.ts';
import { usageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { convertLines } from '../json-lines.ts';
import { write } from '../output.ts';
import { progressBar } from '../progress.ts';
import { readText } from '../read-input.ts';
import { chosenVariant } from '../variant/chosen-variant.ts';
import { askOf, type Ask } from './ask.ts';
import { verdictOf } from './verdict.ts';

export interface ClassifyFlags extends DeviceChoice {
  readonly model: string;
  readonly variant?: string;
  readonly question?: string;
  readonly context?: string;
  readonly json?: boolean;
  readonly jsonl?: boolean;
}

/** `ricci classify`: files and options are checked before a device is opened. */
export async function runClassify(io: Io, argument: string | undefined, flags: ClassifyFlags): Promise<void> {
  resolveChoice(flags);
  const model = await openHeadCheckpoint(flags.model, await chosenVariant(io, flags.variant));
  if (flags.jsonl === true) {
    if (argument !== undefined || flags.question !== undefined || flags.context !== undefined) {
      throw usageError('With --jsonl everything is read from stdin.', 'Leave text, --question and --context out.');
    }
    return withClassifier(io, model, flags, (classifier) =>
      convertLines(io, async (object) => (await verdictOf(model, classifier, askOf(model.kind, object))).json));
  }
  const ask = await onlyAsk(io, model, argument, flags);
  await withClassifier(io, model, flags, async (classifier) => {
    const { json, lines, notice } = await verdictOf(model, classifier, ask);
    if (notice !== undefined) io.stderr.write(`${notice}\n`);
    await write(io.stdout, flags.json === true ? `${JSON.stringify(json)}\n` : lines.map((l) => `${l}\n`).join(''));
  });
}

/** What the arguments ask. @throws `cli/usage` where it is not what this head answers */
async function onlyAsk(
  io: Io, { kind }: HeadCheckpoint, argument: string | undefined, { question, context }: ClassifyFlags,
): Promise<Ask> {
  if (kind === 'question-answering') {
    if (argument === undefined && question !== undefined && context !== undefined) return { kind, question, context };
    throw usageError('This model answers questions.', 'Give --question and --context, and no other text.');
  }
  if (question !== undefined || context !== undefined) {
    throw usageError('This model labels texts and answers no questions.', 'Give the text alone.');
  }
  if (argument === undefined) throw usageError('No text was given.', 'Give it as an argument, or - to read it from stdin.');
  // The newline that ends what a shell pipes in is no part of the text.
  const text = argument === '-' ? (await readText(io.stdin)).replace(/\r?\n$/, '') : argument;
  return kind === 'token-classification' ? { kind, words: text.match(/\S+/gu) ?? [] } : { kind, text };
}

async function withClassifier(
  io: Io, model: HeadCheckpoint, choice: DeviceChoice, use: (classifier: Classifier) => Promise<void>,
): Promise<void> {
  const device = await io.openDevice(choice);
  try {
    const bar = progressBar(io.stderr, 'loading weights');
    const classifier = await Classifier.open(device, model, { onProgress: bar.update }).finally(() => bar.stop());
    try {
      await use(classifier);
      const [error] = device.takeErrors();
      if (error !== undefined) throw error;
    } finally {
      classifier.close();
    }
  } finally {
    device.close();
  }
}
