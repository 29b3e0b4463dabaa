import { Command } from 'commander';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { adapterOption, deviceOption, examples, fusedOption, threadsOption } from '../options.ts';
import type { TrainFlags } from '../train/run-train.ts';

export function trainCommand({ io, exit }: Context): Command {
  return new Command('train')
    .description(
      'Trains a model on texts, in a folder of checkpoints that `ricci generate --model` and PyTorch code read; or, ' +
        'where the configuration names a "task", a head on labelled data, for `ricci classify`. Where the folder has a ' +
        'checkpoint, training goes on from there, with the same weights as if it had never stopped.',
    )
    .argument('<config>', 'a JSON file that says what is trained on what; absent keys are as the authors trained')
    .argument('[keys...]', 'keys that go before the file\'s: --steps 500 --learningRate.peak 3e-4')
    .requiredOption('--out <folder>', 'where checkpoints, logs and tokens go')
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nPaths in the file count from its folder, those on the command line from where it is run.\n' +
        'Memory is told before it is taken: --batch 8 --accumulate 4 is one update of 32 chunks in that of 8,\n' +
        'and --memory 512 computes values again where activations would take more than 512 MiB.\n' +
        'With --sample.every and --sample.prompts the model writes texts while it is trained.\n' +
        'Ctrl-C ends it after the update that it is in, with a checkpoint.',
    )
    .addHelpText(
      'after',
      examples(
        'ricci train examples/training/readme.json --out runs/readme',
        'ricci train config.json --out runs/short --steps 200 --learningRate.warmup 20',
        'ricci train examples/heads/spam.json --out runs/spam',
      ),
    )
    .action(async (config: string, keys: readonly string[], flags: TrainFlags) => {
      // Loaded here: other commands start without it.
      const { runTrain } = await import('../train/run-train.ts');
      const { interrupted } = await runTrain(io, config, keys, flags);
      if (interrupted) exit(EXIT.interrupted);
    });
}
