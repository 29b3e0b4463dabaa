import { Command } from 'commander';
import type { ClassifyFlags } from '../classify/run-classify.ts';
import type { Context } from '../context.ts';
import { adapterOption, deviceOption, examples, fusedOption, threadsOption, variantOption } from '../options.ts';

export function classifyCommand({ io }: Context): Command {
  return new Command('classify')
    .description(
      'Lets a head that `ricci train` has trained say what a text is: its label, the label of each word, or the answer ' +
        'to a question. The checkpoint says which.',
    )
    .argument('[text]', 'the text; - reads it from stdin; words are what white space parts')
    .requiredOption('--model <dir>', 'checkpoint folder with a head: config.json, model.safetensors, tokenizer.model')
    .addOption(variantOption())
    .option('--question <text>', 'what is asked (a head for answers)')
    .option('--context <text>', 'the text in which the answer stands (a head for answers)')
    .option('--json', 'print one JSON object')
    .option('--jsonl', 'read lines {"text": …}, {"tokens": […]} or {"question": …, "context": …} from stdin, print an ' +
      'object for each, in order')
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .addHelpText(
      'after',
      examples(
        'ricci classify --model runs/spam/step-00000500 "You have won a prize! Call now"',
        'ricci classify --model DIR --json "Romeo loves Juliet"',
        'ricci classify --model DIR --question "Who loves Juliet?" --context "Romeo loves Juliet."',
      ),
    )
    .action(async (text: string | undefined, flags: ClassifyFlags) => {
      // Loaded here: other commands start without it.
      const { runClassify } = await import('../classify/run-classify.ts');
      await runClassify(io, text, flags);
    });
}
