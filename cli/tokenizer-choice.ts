import { Option } from 'commander';
import { join } from 'node:path';
import { loadTokenizer, type Tokenizer } from '../models/pldr/index.ts';
import { usageError } from './errors.ts';
import { bundledModel } from './package-root.ts';

export interface TokenizerFlags {
  readonly model?: string;
  readonly tokenizer?: string;
}

export const tokenizerOptions = (): readonly Option[] => [
  new Option(
    '--model <dir>',
    'folder with a tokenizer.model (default: the checkpoint that comes with Ricci)',
  ).conflicts('tokenizer'),
  new Option('--tokenizer <file>', 'a SentencePiece unigram model'),
];

export const chosenTokenizer = ({ model, tokenizer }: TokenizerFlags): Promise<Tokenizer> =>
  loadTokenizer(tokenizer ?? join(model ?? bundledModel(), 'tokenizer.model'));

/** The one text to work on, or undefined for --jsonl. @throws `cli/usage` unless exactly one of them is there */
export function textOrLines(argument: string | undefined, jsonl: boolean): string | undefined {
  if (jsonl && argument !== undefined && argument !== '-')
    throw usageError('With --jsonl everything is read from stdin.', 'Leave the argument out.');
  if (jsonl) return undefined;
  if (argument !== undefined) return argument;
  throw usageError(
    'Nothing was given to convert.',
    'Give it as an argument, - to read it from stdin, or --jsonl for many.',
  );
}
