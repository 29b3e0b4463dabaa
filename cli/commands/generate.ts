import { randomInt } from 'node:crypto';
import { Command, Option } from 'commander';
import type { WeightStorage } from '../../dsl/node.ts';
import { Session, type CacheMode } from '../../models/pldr/index.ts';
import { resolveSampling, type SamplingOptions, type SamplingOrder } from '../../runtime/sampling/options.ts';
import type { DeviceChoice } from '../../runtime/open.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { openTextModel, withModel } from '../model.ts';
import { chosenVariant } from '../variant/chosen-variant.ts';
import {
  adapterOption, cacheOption, deviceOption, examples, fusedOption, integerValue, modelOption, numberValue, repeated,
  threadsOption, tunedOption, variantOption, weightsOption,
} from '../options.ts';
import { checkPrompt, newTokensAfter, promptIds } from '../prompt.ts';
import { readText } from '../read-input.ts';
import { runGeneration, type Generated } from '../run-generation.ts';
import type { Io } from '../io.ts';

interface Flags extends DeviceChoice {
  readonly model: string;
  readonly variant?: string;
  readonly weights: WeightStorage;
  readonly tuned: boolean;
  readonly tune?: boolean;
  readonly maxNewTokens?: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly order: SamplingOrder;
  readonly seed?: number;
  readonly greedy?: boolean;
  readonly cache: CacheMode;
  readonly stop?: readonly string[];
  readonly specialTokens?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Filters have no say where the most likely token is taken. */
const FILTERS = ['temperature', 'topP', 'topK', 'minP', 'order', 'seed'];

export function generateCommand({ io, exit }: Context): Command {
  return new Command('generate')
    .description('Continues a text token by token, and prints it as it comes.')
    .argument('[prompt]', 'the text to continue; - reads it from stdin; an empty one begins from [END]')
    .addOption(modelOption())
    .addOption(variantOption())
    .option('--max-new-tokens <n>', 'most tokens to add (default: 100, or what the context holds)', integerValue(1))
    .option('--temperature <t>', 'divides the logits', numberValue, 0.8)
    .option('--top-p <p>', 'keep the likeliest tokens that hold this probability; 1 keeps all', numberValue, 0.9)
    .option('--top-k <k>', 'keep the k likeliest tokens; 0 keeps all', integerValue(0), 0)
    .option('--min-p <p>', 'keep tokens this many times as likely as the likeliest; 0 keeps all', numberValue, 0)
    .option('--repetition-penalty <r>', 'makes tokens seen before less likely; 1 does nothing', numberValue, 1)
    .addOption(new Option('--order <order>', 'order of the filters').choices(['authors', 'hf']).default('authors'))
    .option('--seed <n>', 'makes the text repeatable (default: random, shown by --verbose and --json)', integerValue(0))
    .addOption(new Option('--greedy', 'take the most likely token').conflicts(FILTERS))
    .addOption(cacheOption())
    .option('--stop <text>', 'end where this text appears, and leave it out; may be given several times', repeated)
    .option('--special-tokens', 'read names such as [END] in the prompt as the tokens they name')
    .option('--json', 'print one JSON object at the end instead of the text')
    .option('-v, --verbose', 'print seed, speed and why it ended, on stderr')
    .addOption(deviceOption())
    .addOption(adapterOption())
    .addOption(threadsOption())
    .addOption(fusedOption())
    .addOption(weightsOption())
    .addOption(tunedOption())
    .addOption(
      new Option('--tune', 'look for schedules first, where that was never done for this model here').conflicts('tuned'),
    )
    .addHelpText(
      'after',
      examples(
        'ricci generate "To be, or not to be"',
        'ricci generate --greedy --max-new-tokens 40 --stop ":" "ROMEO:"',
        'echo "The king" | ricci generate - --seed 7 --json',
      ),
    )
    .action(async (prompt: string | undefined, flags: Flags) => exit(await generate(io, prompt ?? '', flags)));
}

async function generate(io: Io, argument: string, flags: Flags): Promise<ExitCode> {
  const begun = performance.now();
  const variant = await chosenVariant(io, flags.variant);
  const {
    checkpoint: { config },
    tokenizer,
  } = await openTextModel(flags.model, variant);
  // The newline that ends what a shell pipes in is not part of the prompt.
  const text = argument === '-' ? (await readText(io.stdin)).replace(/\r?\n$/, '') : argument;
  const ids = promptIds(text, tokenizer, config, flags.specialTokens ?? false);
  const prompt = { rows: [ids] };
  const maxNewTokens = newTokensAfter(checkPrompt(prompt, 'exact', config).length, flags.maxNewTokens, config);
  const sampling = samplingOf(flags);
  resolveSampling(sampling, config.vocabSize); // a bad option is told before the weights are loaded
  return withModel(io, { ...flags, variant }, async (model) => {
    const session = await Session.open(model, { cache: flags.cache });
    try {
      const loadMs = performance.now() - begun;
      const generated = await runGeneration(io, session, tokenizer, {
        ids,
        sampling,
        maxNewTokens,
        stops: flags.stop ?? [],
        silent: flags.json ?? false,
      });
      const report = {
        prompt: text,
        promptIds: ids,
        ...numbersOf(generated, loadMs),
        seed: sampling.seed ?? null,
        device: model.device.kind,
        adapter: model.device.name,
      };
      if (flags.json === true) io.stdout.write(`${JSON.stringify(report)}\n`);
      if (flags.verbose === true) io.stderr.write(`${sentence(report)}\n`);
      if (generated.failure !== undefined) throw generated.failure;
      return generated.finishReason === 'interrupted' ? EXIT.interrupted : EXIT.ok;
    } finally {
      session.close();
    }
  });
}

function samplingOf(flags: Flags): SamplingOptions {
  const { temperature, topP, topK, minP, repetitionPenalty, order } = flags;
  if (flags.greedy === true) return { greedy: true, repetitionPenalty };
  return { temperature, topP, topK, minP, repetitionPenalty, order, seed: flags.seed ?? randomInt(2 ** 32) };
}

const rounded = (x: number): number => Math.round(x * 10) / 10;

function numbersOf({ failure: _f, tokensPerSecond, firstTokenMs, ...rest }: Generated, loadMs: number) {
  return {
    ...rest,
    loadMs: rounded(loadMs),
    firstTokenMs: firstTokenMs === undefined ? null : rounded(firstTokenMs),
    tokensPerSecond: tokensPerSecond === undefined ? null : rounded(tokensPerSecond),
  };
}

function sentence(
  r: ReturnType<typeof numbersOf> & { readonly seed: number | null; readonly adapter: string },
): string {
  const parts = [
    `${r.ids.length} tokens`,
    `ended by: ${r.finishReason}`,
    ...(r.seed === null ? ['greedy'] : [`seed ${r.seed}`]),
    `loaded in ${r.loadMs} ms`,
    ...(r.firstTokenMs === null ? [] : [`first token after ${r.firstTokenMs} ms`]),
    ...(r.tokensPerSecond === null ? [] : [`then ${r.tokensPerSecond} tokens/s`]),
    r.adapter,
  ];
  return parts.join(' · ');
}
