import { Command } from 'commander';
import { RicciError } from '../../dsl/errors.ts';
import type { EncodeOptions } from '../../models/pldr/tokenizer/index.ts';
import { showJson } from '../../runtime/safetensors/json.ts';
import type { Context } from '../context.ts';
import type { Io } from '../io.ts';
import { convertLines } from '../json-lines.ts';
import { examples } from '../options.ts';
import { write } from '../output.ts';
import { readText } from '../read-input.ts';
import { chosenTokenizer, textOrLines, tokenizerOptions, type TokenizerFlags } from '../tokenizer-choice.ts';

interface Flags extends TokenizerFlags {
  readonly jsonl?: boolean;
  readonly bos?: boolean;
  readonly eos?: boolean;
  readonly specialTokens?: boolean;
}

export function tokenizeCommand({ io }: Context): Command {
  const command = new Command('tokenize')
    .description('Turns text into token ids.')
    .argument('[text]', 'the text; - reads it from stdin');
  for (const option of tokenizerOptions()) command.addOption(option);
  return command
    .option('--jsonl', 'read lines {"text": …} from stdin and write lines {"ids": […]}, in order')
    .option('--bos', 'put the begin token first')
    .option('--eos', 'put the end token last')
    .option('--special-tokens', 'read names such as [END] in the text as the tokens they name')
    .addHelpText(
      'after',
      examples(
        'ricci tokenize "First Citizen: hear me speak."',
        'ricci tokenize --tokenizer tokenizer.model --eos - < text.txt',
        'echo \'{"text": "The king"}\' | ricci tokenize --jsonl',
      ),
    )
    .action((text: string | undefined, flags: Flags) => tokenize(io, text, flags));
}

async function tokenize(io: Io, argument: string | undefined, flags: Flags): Promise<void> {
  const single = textOrLines(argument, flags.jsonl ?? false);
  const tokenizer = await chosenTokenizer(flags);
  const options: EncodeOptions = {
    bos: flags.bos ?? false,
    eos: flags.eos ?? false,
    matchSpecials: flags.specialTokens ?? false,
  };
  if (single === undefined)
    return convertLines(io, (object) => ({ ids: tokenizer.encode(textOf(object['text']), options) }));
  const text = single === '-' ? await readText(io.stdin) : single;
  await write(io.stdout, `${tokenizer.encode(text, options).join(',')}\n`);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const message = value === undefined ? 'it has no "text".' : `"text" is ${showJson(value)}, not a string.`;
  throw new RicciError({ code: 'input/line', message, hint: 'Write {"text": "…"} on each line.' });
}
