import { writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { CPU_TARGET, type Target } from '../../compiler/target.ts';
import { RicciError } from '../../dsl/errors.ts';
import type { WeightStorage } from '../../dsl/index.ts';
import { loadConfig, openCheckpoint, type PldrConfig, type Variant } from '../../models/pldr/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import type { Device } from '../../runtime/device.ts';
import { resolveChoice, type DeviceChoice } from '../../runtime/open.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { layOut } from '../inspect/drawing.ts';
import { draftOf, examine, type Examined } from '../inspect/examine.ts';
import { kernelGraphs } from '../inspect/kernel-graph.ts';
import { timePrograms } from '../inspect/kernel-times.ts';
import { showPasses } from '../inspect/passes.ts';
import { showModules } from '../inspect/modules.ts';
import { PORTABLE_TARGET } from '../inspect/portable-target.ts';
import { reportOf, type Report, type Timing } from '../inspect/report.ts';
import { showReport } from '../inspect/show.ts';
import { sourcesIn } from '../inspect/source-place.ts';
import { drawSvg } from '../inspect/svg.ts';
import type { Io } from '../io.ts';
import { adapterOption, examples, integerValue, threadsOption, tunedOption, variantOption, weightsOption } from '../options.ts';
import { write } from '../output.ts';
import { bundledModel, packageRoot } from '../package-root.ts';
import { tunedSchedules } from '../tune/tuned-schedules.ts';
import { chosenVariant } from '../variant/chosen-variant.ts';

interface Flags {
  readonly model?: string;
  readonly config?: string;
  readonly variant?: string;
  readonly context?: number;
  readonly cache: 'kv' | 'kv+g';
  readonly weights: WeightStorage;
  readonly device: 'webgpu' | 'cpu';
  readonly adapter?: string;
  readonly threads?: number;
  readonly time?: boolean;
  readonly tuned: boolean;
  readonly passes?: boolean;
  readonly wgsl?: boolean;
  readonly wat?: boolean;
  readonly svg?: string;
  readonly html?: string;
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
    .addOption(variantOption())
    .option(
      '--context <n>',
      "count bytes and FLOPs at this many positions (default: the model's whole context)",
      integerValue(1),
    )
    .addOption(new Option('--cache <mode>', 'what is kept from the prompt').choices(['kv', 'kv+g']).default('kv+g'))
    .addOption(weightsOption())
    .addOption(
      new Option('--device <device>', 'what the programs are compiled for')
        .choices(['webgpu', 'cpu'])
        .default('webgpu'),
    )
    .option(
      '--adapter <name>',
      `${adapterOption().description}; default: no device, 16 storage buffers per kernel, no subgroups`,
    )
    .option(
      '--time',
      'compile for the device itself, run there with made-up weights, and say how long each kernel takes; ' +
        'fewer positions (--context) take less time',
    )
    .addOption(threadsOption())
    .addOption(tunedOption())
    .addOption(new Option('--passes', 'print the graph after each pass').conflicts(['wgsl', 'wat', 'json']))
    .addOption(new Option('--wgsl', 'print the WGSL of all modules').conflicts(['wat', 'json']))
    .addOption(new Option('--wat', 'print the WebAssembly text of all modules; with --device cpu').conflicts('json'))
    .option('--svg <file>', 'draw the kernels that one more token runs')
    .option(
      '--html <file>',
      'write everything as one page: from source lines to kernels and their code, to fold, search and zoom',
    )
    .option('--json', 'print the numbers as JSON: programs.{prefill,step}.kernels[]')
    .addHelpText(
      'after',
      examples(
        'ricci inspect',
        'ricci inspect --config config.json --context 256 --svg step.svg',
        'ricci inspect --html programs.html',
        'ricci inspect --device cpu --time --html programs.html',
        'ricci inspect --model DIR --wgsl > kernels.wgsl',
        'ricci inspect --device cpu --wat > kernels.wat',
      ),
    )
    .action((flags: Flags) => inspect(io, flags));
}

async function inspect(io: Io, flags: Flags): Promise<void> {
  checkFlags(flags);
  const variant = await chosenVariant(io, flags.variant);
  const { config, hasHead } = await chosenModel(flags, variant);
  const model = withContext(config, flags.context);
  const device = await openedDevice(io, flags);
  try {
    const { cache, weights } = flags;
    const examined = examine(model, { cache, weights, hasHead, target: await chosenTarget(io, flags, device), variant });
    const timing = flags.time === true && device !== undefined ? await timed(io, device, examined) : undefined;
    const report = reportOf(examined, folders(), timing);
    if (flags.svg !== undefined) await writeTo(flags.svg, drawingOf(examined, report));
    if (flags.html !== undefined) await writeTo(flags.html, await pageOf(flags, examined, report));
    await write(io.stdout, `${shown(flags, examined, report)}\n`);
  } finally {
    device?.close();
  }
}

/** Sources are shown relative to these. */
const folders = (): readonly string[] => [packageRoot().folder, process.cwd()];

function shown(flags: Flags, examined: Examined, report: Report): string {
  if (flags.json === true) return JSON.stringify(report, null, 2);
  if (flags.passes === true) return showPasses(examined);
  return flags.wgsl === true || flags.wat === true ? showModules(examined.programs) : showReport(report);
}

/** @throws `cli/usage` */
function checkFlags({ device, wgsl, wat, threads, time }: Flags): void {
  if (device === 'cpu' && wgsl === true) {
    throw usageError('--wgsl prints WGSL, and for the device cpu there is WebAssembly.', 'Print it with --wat.');
  }
  if (device === 'webgpu' && wat === true) {
    throw usageError('--wat prints WebAssembly, and for the device webgpu there is WGSL.', 'Add --device cpu.');
  }
  if (threads !== undefined && time !== true) {
    throw usageError('--threads says how kernels are timed, and nothing is timed.', 'Add --time, or leave it out.');
  }
}

async function chosenModel(
  { model, config }: Flags, variant: Variant | undefined,
): Promise<{ readonly config: PldrConfig; readonly hasHead: boolean }> {
  if (config !== undefined) return { config: await loadConfig(config), hasHead: true };
  // G may be supplied later: here nothing is computed.
  return openCheckpoint(model ?? bundledModel(), { suppliesG: true, variant });
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

/**
 * The device that is asked or that times; none where programs are only compiled.
 * @throws `device/choice` for an adapter with the device cpu
 */
async function openedDevice(io: Io, { device, adapter, threads, time }: Flags): Promise<Device | undefined> {
  const choice: DeviceChoice = {
    device, ...(adapter === undefined ? {} : { adapter }), ...(threads === undefined ? {} : { threads }),
  };
  resolveChoice(choice);
  return time === true || adapter !== undefined ? io.openDevice(choice) : undefined;
}

async function chosenTarget(io: Io, { device, tuned }: Flags, opened: Device | undefined): Promise<Target> {
  if (opened !== undefined) return { ...targetOf(opened), schedules: (await tunedSchedules(io, opened, tuned)) ?? {} };
  return device === 'cpu' ? CPU_TARGET : PORTABLE_TARGET;
}

const timed = async (io: Io, device: Device, { programs, layout }: Examined): Promise<Timing> =>
  ({ device: device.name, programs: await timePrograms(device, programs, layout, io.now) });

function drawingOf(examined: Examined, report: Report): string {
  const program = report.programs['step'] === undefined ? 'prefill' : 'step';
  const { dispatches, bytesRead, kernels } = report.programs[program];
  const title = `${program}: ${dispatches} kernels, ${(bytesRead / 1048576).toFixed(1)} MiB read`;
  return drawSvg(layOut(kernelGraphs(draftOf(examined, program)), kernels), title);
}

async function pageOf({ model, config }: Flags, examined: Examined, report: Report): Promise<string> {
  // Loaded here: other commands start without it.
  const { inspectPage } = await import('../inspect/html/page.ts');
  const { programs } = examined;
  return inspectPage({
    name: basename(config ?? resolve(model ?? bundledModel())),
    report, programs,
    graphs: Object.fromEntries(programs.map(({ name }) => [name, kernelGraphs(draftOf(examined, name))])),
    sources: sourcesIn(folders()),
  });
}

/** @throws `cli/write-failed` */
async function writeTo(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
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
