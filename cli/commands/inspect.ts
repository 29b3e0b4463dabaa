import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { CPU_TARGET, type Target } from '../../compiler/compile.ts';
import { RicciError } from '../../dsl/errors.ts';
import { loadConfig, openCheckpoint, type PldrConfig } from '../../models/pldr/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { resolveChoice, type DeviceChoice } from '../../runtime/open.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { layOut } from '../inspect/drawing.ts';
import { examine, type Examined } from '../inspect/examine.ts';
import { showPasses } from '../inspect/passes.ts';
import { showModules } from '../inspect/modules.ts';
import { PORTABLE_TARGET } from '../inspect/portable-target.ts';
import { reportOf, type Report } from '../inspect/report.ts';
import { showReport } from '../inspect/show.ts';
import { drawSvg } from '../inspect/svg.ts';
import type { Io } from '../io.ts';
import { adapterOption, examples, integerValue } from '../options.ts';
import { write } from '../output.ts';
import { bundledModel, packageRoot } from '../package-root.ts';

interface Flags {
  readonly model?: string;
  readonly config?: string;
  readonly context?: number;
  readonly cache: 'kv' | 'kv+g';
  readonly device: 'webgpu' | 'cpu';
  readonly adapter?: string;
  readonly passes?: boolean;
  readonly wgsl?: boolean;
  readonly wat?: boolean;
  readonly svg?: string;
  readonly json?: boolean;
}

export function inspectCommand({ io }: Context): Command {
  return new Command('inspect')
    .description(
      'Shows how a model runs: its programs, their kernels with the source lines they came from, and their memory.',
    )
    .addOption(
      new Option('--model <dir>', 'checkpoint folder (default: the checkpoint that comes with Ricci)').conflicts(
        'config',
      ),
    )
    .option('--config <json>', 'a config.json alone, without weights')
    .option(
      '--context <n>',
      "count bytes and FLOPs at this many positions (default: the model's whole context)",
      integerValue(1),
    )
    .addOption(new Option('--cache <mode>', 'what is kept from the prompt').choices(['kv', 'kv+g']).default('kv+g'))
    .addOption(
      new Option('--device <device>', 'what the programs are compiled for')
        .choices(['webgpu', 'cpu'])
        .default('webgpu'),
    )
    .option(
      '--adapter <name>',
      `${adapterOption().description}; default: no device, 16 storage buffers per kernel, no subgroups`,
    )
    .addOption(new Option('--passes', 'print the graph after each pass').conflicts(['wgsl', 'wat', 'json']))
    .addOption(new Option('--wgsl', 'print the WGSL of all modules').conflicts(['wat', 'json']))
    .addOption(new Option('--wat', 'print the WebAssembly text of all modules; with --device cpu').conflicts('json'))
    .option('--svg <file>', 'draw the kernels that one more token runs')
    .option('--json', 'print the numbers as JSON: programs.{prefill,step}.kernels[]')
    .addHelpText(
      'after',
      examples(
        'ricci inspect',
        'ricci inspect --config config.json --context 256 --svg step.svg',
        'ricci inspect --model DIR --wgsl > kernels.wgsl',
        'ricci inspect --device cpu --wat > kernels.wat',
      ),
    )
    .action((flags: Flags) => inspect(io, flags));
}

async function inspect(io: Io, flags: Flags): Promise<void> {
  checkText(flags);
  const { config, hasHead } = await chosenModel(flags);
  const examined = examine(withContext(config, flags.context), {
    cache: flags.cache,
    hasHead,
    target: await chosenTarget(io, flags),
  });
  const report = reportOf(examined, [packageRoot().folder, process.cwd()]);
  if (flags.svg !== undefined) await writeDrawing(flags.svg, examined, report);
  await write(io.stdout, `${shown(flags, examined, report)}\n`);
}

function shown(flags: Flags, examined: Examined, report: Report): string {
  if (flags.json === true) return JSON.stringify(report, null, 2);
  if (flags.passes === true) return showPasses(examined);
  return flags.wgsl === true || flags.wat === true ? showModules(examined.programs) : showReport(report);
}

/** A device has one kind of modules. @throws `cli/usage` */
function checkText({ device, wgsl, wat }: Flags): void {
  if (device === 'cpu' && wgsl === true) {
    throw usageError('--wgsl prints WGSL, and for the device cpu there is WebAssembly.', 'Print it with --wat.');
  }
  if (device === 'webgpu' && wat === true) {
    throw usageError('--wat prints WebAssembly, and for the device webgpu there is WGSL.', 'Add --device cpu.');
  }
}

async function chosenModel({
  model,
  config,
}: Flags): Promise<{ readonly config: PldrConfig; readonly hasHead: boolean }> {
  if (config !== undefined) return { config: await loadConfig(config), hasHead: true };
  // G may be supplied later: here nothing is computed.
  return openCheckpoint(model ?? bundledModel(), { suppliesG: true });
}

/** Costs are counted at the bounds of symbolic sizes, so fewer positions are a smaller context. */
function withContext(config: PldrConfig, context: number | undefined): PldrConfig {
  if (context === undefined) return config;
  if (context <= config.contextLength) return { ...config, contextLength: context };
  throw usageError(
    `--context is ${context}, and the model's context is ${config.contextLength}.`,
    'Ask for at most as many positions.',
  );
}

/** @throws `device/choice` for an adapter with the device cpu */
async function chosenTarget(io: Io, { device, adapter }: Flags): Promise<Target> {
  const choice: DeviceChoice = { device, ...(adapter === undefined ? {} : { adapter }) };
  if (resolveChoice(choice) === 'cpu') return CPU_TARGET;
  if (adapter === undefined) return PORTABLE_TARGET;
  const opened = await io.openDevice(choice);
  try {
    return targetOf(opened);
  } finally {
    opened.close();
  }
}

async function writeDrawing(file: string, examined: Examined, report: Report): Promise<void> {
  const program = report.programs['step'] === undefined ? 'prefill' : 'step';
  const { dispatches, bytesRead, kernels } = report.programs[program];
  const title = `${program}: ${dispatches} kernels, ${(bytesRead / 1048576).toFixed(1)} MiB read`;
  try {
    await writeFile(file, drawSvg(layOut(examined, program, kernels), title));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RicciError({
      code: 'cli/write-failed',
      message: `${file} could not be written: ${reason}.`,
      hint: 'Check that the folder exists and that you may write there.',
      cause,
    });
  }
}
