import type { WeightStorage } from '../../dsl/node.ts';
import { loadConfig, openCheckpoint } from '../../models/pldr/index.ts';
import { resolveChoice, type DeviceChoice } from '../../runtime/open.ts';
import { placesIn } from '../inspect/source-place.ts';
import type { Io } from '../io.ts';
import { write } from '../output.ts';
import { bundledModel, packageRoot } from '../package-root.ts';
import { chosenVariant } from '../variant/chosen-variant.ts';
import { showTuned } from './show-tuned.ts';
import { tuneModel } from './tune-model.ts';

export interface TuneFlags extends DeviceChoice {
  readonly model?: string;
  readonly config?: string;
  readonly variant?: string;
  readonly weights: WeightStorage;
  readonly prompt: number;
  readonly rounds: number;
  readonly json?: boolean;
}

/** Tunes a model's kernels, keeps what was found and prints it. @throws as `tune` */
export async function runTune(io: Io, flags: TuneFlags): Promise<void> {
  resolveChoice(flags);
  const variant = await chosenVariant(io, flags.variant);
  const { model = bundledModel(), weights, prompt, rounds } = flags;
  const { config, hasHead } = flags.config === undefined
    ? await openCheckpoint(model, { suppliesG: true, variant })
    : { config: await loadConfig(flags.config), hasHead: true };
  const device = await io.openDevice(flags);
  try {
    const { tuned, file } = await tuneModel(io, device, config, { hasHead, weights, variant, prompt, rounds });
    const places = placesIn([packageRoot().folder, process.cwd()]);
    const kept = file === undefined ? '' : `\nkept in ${file}`;
    await write(io.stdout, flags.json === true
      ? `${JSON.stringify({ device: device.name, ...tuned, file })}\n`
      : `${device.name}\n\n${showTuned(tuned, places)}${kept}\n`);
  } finally {
    device.close();
  }
}
