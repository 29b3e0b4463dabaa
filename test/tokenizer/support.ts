import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { SentencePieceProcessor } from 'sentencepiece-js';
import { RicciError } from '../../dsl/errors.ts';

const root = new URL('../../', import.meta.url);
const pathOf = (relative: string): string => fileURLToPath(new URL(relative, root));

/** The paper's 32,000 pieces, and the 1,024 pieces of our own small checkpoint. */
export const MODELS = {
  paper: pathOf('test/fixtures/tokenizer/paper-32k.model'),
  shakespeare: pathOf('checkpoints/pldr-v51-shakespeare/tokenizer.model'),
} as const;

export function readRows<Row>(name: string): readonly Row[] {
  const text = readFileSync(pathOf(`test/fixtures/tokenizer/${name}`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line));
}

/** SentencePiece's own encoder and decoder for a model file. */
export async function loadOracle(file: string): Promise<SentencePieceProcessor> {
  const before = new Set(processListeners());
  const oracle = new SentencePieceProcessor();
  await oracle.load(file);
  // Each instance hooks the process's error events, which are the test runner's business.
  for (const listener of processListeners()) {
    if (before.has(listener)) continue;
    process.removeListener('uncaughtException', listener).removeListener('unhandledRejection', listener);
  }
  return oracle;
}

const processListeners = () => [
  ...process.listeners('uncaughtException'),
  ...process.listeners('unhandledRejection'),
];

const words = [
  'the', 'Hello', 'wherefore', 'ROMEO:', 'naïve', 'Straße', 'I\u2019ll', 'don\'t', 'co-operate', '日本語', 'Привет',
  'مرحبا', '한국어', 'ﬁne', 'ＦＵＬＬ', '①②', '½', 'ﷺ', '[SEP]', '[CLS]', '[END]', '[PAD]', '[UNK]', '[SEP',
  '<0x0A>', '<s>', '\u2581', '\u2581x', '😀', '👩‍👩‍👧‍👦', '🇫🇷', 'e\u0301', '\u212b', '\u200b', '\u200e',
  '\ufeff', '\u00ad', '\0', '\u0007', '\ufffd',
];
const gaps = ['', ' ', '  ', '\n', '\r\n', '\t', '\u00a0', '\u3000', '\u2028', ' \n '];

const mixture = fc
  .array(
    fc.oneof(
      fc.constantFrom(...words),
      fc.constantFrom(...gaps),
      fc.nat().map(String),
      fc.double({ noNaN: true }).map(String),
      fc.string({ maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''));

/** Texts without lone surrogates, which have no UTF-8 form to compare on. */
export const texts = fc.oneof(
  mixture,
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...words, ...gaps) }),
);

/** The RicciError that this throws. */
export function errorFrom(action: () => unknown): RicciError {
  try {
    action();
  } catch (error) {
    if (error instanceof RicciError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
