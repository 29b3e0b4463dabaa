import { Command } from 'commander';
import type { Context } from '../context.ts';
import { adapterOption, deviceOption, examples, fusedOption, modelOption, threadsOption } from '../options.ts';
import type { EvaluateFlags } from '../train/run-evaluate.ts';

export function evaluateCommand({ io }: Context): Command {
  return new Command('evaluate')
    .description(
      'Measures a checkpoint by the texts, or the labelled data, that a training of a configuration holds out, as ' +
        'that training measures its own: mean loss in nats, perplexity and accuracy.',
    )
    .argument('<config>', 'the JSON file of a training: its data, its context, how much of it is held out')
    .argument('[keys...]', 'keys that go before the file\'s: --data.paths text.txt --data.validation 0.1')
    .addOption(modelOption())
    .option('--json', 'as JSON')
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .allowUnknownOption()
    .addHelpText('after', examples('ricci evaluate examples/training/shakespeare.json'))
    .action(async (config: string, keys: readonly string[], flags: EvaluateFlags) => {
      // Loaded here: other commands start without it.
      const { runEvaluate } = await import('../train/run-evaluate.ts');
      await runEvaluate(io, config, keys, flags);
    });
}
