import { Command, Option } from 'commander';
import type { Context } from '../context.ts';
import {
  adapterOption, deviceOption, examples, fusedOption, integerValue, threadsOption, variantOption, weightsOption,
} from '../options.ts';
import type { TuneFlags } from '../tune/run-tune.ts';
import { USUAL_TUNING } from '../tune/tuned-schedules.ts';

export function tuneCommand({ io }: Context): Command {
  return new Command('tune')
    .description(
      'Looks for faster schedules of a model\'s kernels on this device, and keeps what it finds for later runs. Each is ' +
        'checked against the interpreter before it is timed.',
    )
    .addOption(
      new Option('--model <dir>', 'checkpoint folder (default: the checkpoint that comes with Ricci)').conflicts('config'),
    )
    .option('--config <json>', 'a config.json alone: numbers are made up anyway')
    .addOption(variantOption())
    .addOption(weightsOption())
    .addOption(
      new Option('--prompt <n>', 'tokens of the prompt that is timed, and that the timed step finds in its caches')
        .argParser(integerValue(1)).default(USUAL_TUNING.prompt),
    )
    .addOption(
      new Option('--rounds <n>', 'how often each schedule is timed beside the device\'s own')
        .argParser(integerValue(1)).default(USUAL_TUNING.rounds),
    )
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .option('--json', 'print one JSON object: kernels[], programs[], discarded[], file')
    .addHelpText(
      'after', examples('ricci tune', 'ricci tune --model DIR --weights int8', 'ricci tune --adapter software --prompt 32'),
    )
    .action(async (flags: TuneFlags) => {
      // Loaded here: other commands start without it.
      const { runTune } = await import('../tune/run-tune.ts');
      await runTune(io, flags);
    });
}
