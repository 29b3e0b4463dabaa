import { Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import {
  adapterOption, deviceOption, examples, fusedOption, integerValue, modelOption, repeated, threadsOption, tunedOption, variantOption,
} from '../options.ts';
import type { VerifyFlags } from '../verify/run-verify.ts';

export function verifyCommand({ io, exit }: Context): Command {
  return new Command('verify')
    .description(
      'Says whether the caches of a model are right, and how far its operator G moves with the text: laws that must ' +
        'hold but for roundings, and measurements.',
    )
    .addOption(modelOption())
    .addOption(variantOption())
    .option('--prompt <text>', 'a text to read; two or more, of which the first is followed', repeated)
    .option('--text <file>', 'a text whose perplexity is taken; all prompts one after the other if not given')
    .option('--steps <n>', 'greedy tokens after the first text (default: 24, or as many as fit)', integerValue(2))
    .option('--storages', 'also say what it costs to keep large matrices in fewer bits (`--weights` of generate)')
    .option('--html <file>', 'also write everything, with pictures, as one page')
    .option('--pictures <folder>', 'also write each picture as a file: SVG, and PNG of matrices')
    .addOption(new Option('--show', 'also print pictures of G, of each layer\'s first heads').conflicts('json'))
    .option('--json', 'print everything as one object, in which numbers that are not finite are null')
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .addOption(tunedOption())
    .addHelpText('after', '\nThe exit code is 1 where a law does not hold.')
    .addHelpText(
      'after',
      examples('ricci verify', 'ricci verify --show', 'ricci verify --model DIR --html report.html --pictures DIR',
        'ricci verify --json > report.json'),
    )
    .action(async (flags: VerifyFlags) => {
      // Loaded here: what analyses matrices would slow the start of all other commands.
      const { runVerify } = await import('../verify/run-verify.ts');
      const { laws } = await runVerify(io, flags);
      if (laws.some((l) => !l.holds)) exit(EXIT.failure);
    });
}
