import { Command } from 'commander';
import { averageCommand } from './commands/average.ts';
import { benchCommand } from './commands/bench.ts';
import { classifyCommand } from './commands/classify.ts';
import { detokenizeCommand } from './commands/detokenize.ts';
import { devicesCommand } from './commands/devices.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { forwardCommand } from './commands/forward.ts';
import { generateCommand } from './commands/generate.ts';
import { inspectCommand } from './commands/inspect.ts';
import { tokenizeCommand } from './commands/tokenize.ts';
import { trainCommand } from './commands/train.ts';
import { tuneCommand } from './commands/tune.ts';
import { verifyCommand } from './commands/verify.ts';
import type { Context } from './context.ts';
import { report } from './errors.ts';
import { EXIT, EXIT_HELP, type ExitCode } from './exit-codes.ts';
import { processIo, type Io } from './io.ts';
import { examples } from './options.ts';
import { guarded } from './output.ts';
import { packageRoot } from './package-root.ts';

/**
 * Runs a command line.
 * @param argv the words after the program's name
 * @returns the exit code, see `EXIT`; errors are printed on stderr, never thrown
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = ricci({
    io,
    exit: (chosen) => {
      code = chosen;
    },
  });
  return guarded([io.stdout, io.stderr], async () => {
    try {
      await program.parseAsync(argv, { from: 'user' });
      return code;
    } catch (thrown) {
      return report(thrown, io, program.opts()['debug'] === true);
    }
  });
}

function ricci(context: Context): Command {
  const { io } = context;
  const program = new Command('ricci')
    .description(
      'Generates text with PLDR-LLM: a model written as typed tensor expressions, compiled for GPUs and CPUs.',
    )
    .version(packageRoot().version, '-V, --version', 'print the version')
    .option('--debug', 'print the stack of an error')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(--help says more)')
    .addHelpText('after', EXIT_HELP)
    .addHelpText(
      'after',
      examples('ricci generate "To be, or not to be"', 'ricci inspect --config config.json', 'ricci doctor'),
    );
  const commands = [
    generateCommand,
    forwardCommand,
    tokenizeCommand,
    detokenizeCommand,
    verifyCommand,
    inspectCommand,
    tuneCommand,
    trainCommand,
    evaluateCommand,
    averageCommand,
    classifyCommand,
    benchCommand,
    doctorCommand,
    devicesCommand,
  ];
  for (const make of commands) program.addCommand(make(context).copyInheritedSettings(program));
  return program;
}
