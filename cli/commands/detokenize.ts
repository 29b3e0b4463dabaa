import { Command } from 'commander';
import { RicciError } from '../../dsl/errors.ts';
import { showJson } from '../../runtime/safetensors/json.ts';
import type { Context } from '../context.ts';
import { isIds, parseIds } from '../ids.ts';
import type { Io } from '../io.ts';
import { convertLines } from '../json-lines.ts';
import { examples } from '../options.ts';
import { write } from '../output.ts';
import { readText } from '../read-input.ts';
import { chosenTokenizer, textOrLines, tokenizerOptions, type TokenizerFlags } from '../tokenizer-choice.ts';

interface Flags extends TokenizerFlags {
  readonly jsonl?: boolean;
  readonly keepControl?: boolean;
}

export function detokenizeCommand({ io }: Context): Command {
  const command = new Command('detokenize')
    .description('Turns token ids into text.')
    .argument('[ids]', 'token ids such as 5,7,9; - reads them from stdin');
  for (const option of tokenizerOptions()) command.addOption(option);
  return command
    .option('--jsonl', 'read lines {"ids": […]} from stdin and write lines {"text": …}, in order')
    .option('--keep-control', 'write control tokens such as [END] out')
    .addHelpText(
      'after',
      examples(
        'ricci detokenize 557,819',
        'ricci tokenize "Once more" | ricci detokenize -',
        'echo \'{"ids": [557, 819]}\' | ricci detokenize --jsonl',
      ),
    )
    .action((ids: string | undefined, flags: Flags) => detokenize(io, ids, flags));
}

async function detokenize(io: Io, argument: string | undefined, flags: Flags): Promise<void> {
  const single = textOrLines(argument, flags.jsonl ?? false);
  const tokenizer = await chosenTokenizer(flags);
  const options = { keepControl: flags.keepControl ?? false };
  if (single === undefined)
    return convertLines(io, (object) => ({ text: tokenizer.decode(idsOf(object['ids']), options) }));
  const ids = parseIds(single === '-' ? await readText(io.stdin) : single);
  await write(io.stdout, `${tokenizer.decode(ids, options)}\n`);
}

function idsOf(value: unknown): readonly number[] {
  if (isIds(value)) return value;
  const message =
    value === undefined ? 'it has no "ids".' : `"ids" is ${showJson(value)}, not a list of whole numbers from 0 up.`;
  throw new RicciError({ code: 'input/line', message, hint: 'Write {"ids": [5, 7, 9]} on each line.' });
}
