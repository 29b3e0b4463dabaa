import { Command, InvalidArgumentError, Option } from 'commander';
import type { BenchFlags } from '../bench/run-bench.ts';
import { SUITES, type SuiteName } from '../bench/case.ts';
import type { Context } from '../context.ts';
import {
  adapterOption, deviceOption, examples, fusedOption, integerValue, modelOption, numberValue, threadsOption, tunedOption,
  weightsOption,
} from '../options.ts';

const DEFAULT_SUITES: readonly (SuiteName | 'all')[] = ['all'];

export function benchCommand({ io }: Context): Command {
  return new Command('bench')
    .description(
      'Measures how fast kernels and a model are here, each beside the best that this device reaches; ' +
        'nothing is timed before its result is right.',
    )
    .addOption(
      new Option('--suite <name>', `what is measured: ${SUITES.join(', ')} or all; may be given several times`)
        .argParser(suiteValue)
        .default(DEFAULT_SUITES, 'all'),
    )
    .addOption(modelOption())
    .addOption(weightsOption())
    .option('--seconds <s>', 'for each case, after a warm-up of a fifth of it', secondsValue, 0.5)
    .option('--rounds <n>', 'how often all cases are gone through', integerValue(1), 1)
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .addOption(tunedOption())
    .addOption(new Option('--json', 'print everything as one object').conflicts(['csv', 'md']))
    .addOption(new Option('--csv', 'print a line of comma-separated values for each figure').conflicts('md'))
    .option('--md', 'print a Markdown table')
    .option('--trace <file>', 'also write what host and device did, for chrome://tracing or ui.perfetto.dev')
    .addHelpText('after', LEGEND)
    .addHelpText(
      'after',
      examples('ricci bench', 'ricci bench --suite kernels --device cpu --threads 1', 'ricci bench --suite decode ' +
        '--model DIR --weights int8 --rounds 5 --md', 'ricci bench --json --trace trace.json > bench.json'),
    )
    .action(async (flags: BenchFlags) => {
      // Loaded here: other commands start without it.
      const { runBench } = await import('../bench/run-bench.ts');
      await runBench(io, flags);
    });
}

const LEGEND = `
The roof of a case is what its bytes take at the best bandwidth of as much memory, its operations at the best rate of
arithmetic, or its launches, whichever takes longest ("limit"); the best is that of any repetition. A step of a model
reads its weights once, as matvec does, so that there the best bandwidth is that of matvec. "of it" is the share that
the median reaches. Kernels of a GPU are timed by its own timestamps where it has them.

Of decode, "each position" is the slope of a step's time over the length of its caches, and "kv+g against none" says
how many times as fast a text is as where all of it is read for each token; it has 100 tokens where --seconds allows
it.

Of train, an update is that of the authors' recipe in f32, with 16 rows of 128 tokens, or fewer where the model or its
context does not allow them. Its operations are those of the graph's contractions; the last figure is their rate as a
part of that of a product of matrices that is timed after each update.`;

/** Collects names of suites; the default gives way to the first. */
function suiteValue(text: string, earlier: readonly (SuiteName | 'all')[]): readonly (SuiteName | 'all')[] {
  const found = ([...SUITES, 'all'] as const).find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${[...SUITES, 'all'].join(', ')}.`);
  return earlier === DEFAULT_SUITES ? [found] : [...earlier, found];
}

function secondsValue(text: string): number {
  const value = numberValue(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It is not above 0.');
}
