import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { RicciError } from '../dsl/errors.ts';
import type { WeightStorage } from '../dsl/node.ts';
import {
  loadConfig, loadTokenizer, openCheckpoint, PldrModel, type Checkpoint, type Tokenizer, type Variant,
} from '../models/pldr/index.ts';
import type { Device } from '../runtime/device.ts';
import { resolveChoice, type DeviceChoice } from '../runtime/open.ts';
import type { Io } from './io.ts';
import { checkAddressable, freeForWeights } from './memory.ts';
import { progressBar } from './progress.ts';
import { tunedSchedules, USUAL_TUNING } from './tune/tuned-schedules.ts';

export interface ModelChoice extends DeviceChoice {
  readonly model: string;
  /** The caller supplies G, so that the checkpoint need not. */
  readonly suppliesG?: boolean;
  /** How large matrices are kept. */
  readonly weights?: WeightStorage;
  /** How the model makes G, instead of what its configuration names. */
  readonly variant?: Variant | undefined;
  /** Whether kernels have the schedules that were found for the device; they do where nothing is said. */
  readonly tuned?: boolean;
  /** Look for schedules first, where that was never done for this model on this device. */
  readonly tune?: boolean;
}

/** The files of a model that has a tokenizer. All checks of files and prompts come before a device is opened. */
export async function openTextModel(
  dir: string, variant?: Variant,
): Promise<{ readonly checkpoint: Checkpoint; readonly tokenizer: Tokenizer }> {
  const checkpoint = await openCheckpoint(dir, { variant });
  if (checkpoint.tokenizerFile !== undefined)
    return { checkpoint, tokenizer: await loadTokenizer(checkpoint.tokenizerFile) };
  throw new RicciError({
    code: 'checkpoint/no-tokenizer',
    message: `${dir} holds no tokenizer.model, so text cannot be read or written.`,
    hint: 'Put the tokenizer of this model there, or work with ids: `ricci forward --ids 5,7,9`.',
  });
}

/**
 * Opens a device, loads a model with a progress bar, and frees both whatever happens.
 * @throws `device/choice` before anything is opened, and whatever opening, loading and `use` throw
 */
export async function withModel<Result>(
  io: Io,
  choice: ModelChoice,
  use: (model: PldrModel) => Promise<Result>,
): Promise<Result> {
  resolveChoice(choice);
  const device = await io.openDevice(choice);
  try {
    const model = await load(io, choice, device);
    try {
      const result = await use(model);
      // What no one was waiting for may have gone wrong all the same.
      const [error] = device.takeErrors();
      if (error !== undefined) throw error;
      return result;
    } finally {
      model.close();
    }
  } catch (thrown) {
    throw await explainLoss(device, thrown);
  } finally {
    device.close();
  }
}

async function load(
  io: Io, { model, suppliesG = false, weights = 'f32', variant, tuned, tune }: ModelChoice, device: Device,
): Promise<PldrModel> {
  const config = await loadConfig(join(model, 'config.json'));
  checkAddressable(device, config, weights, variant);
  if (tune === true) {
    // Loaded here: a model that is only run does without it.
    const { tuneIfNew } = await import('./tune/tune-model.ts');
    await tuneIfNew(io, device, config, { hasHead: true, weights, variant, ...USUAL_TUNING });
  }
  const schedules = await tunedSchedules(io, device, tuned);
  const bar = progressBar(io.stderr, 'loading weights');
  const freeBytes = freeForWeights(device, io);
  try {
    return await PldrModel.load(model, device, {
      suppliesG,
      storage: weights,
      ...(variant === undefined ? {} : { variant }),
      onProgress: bar.update,
      ...(freeBytes === undefined ? {} : { freeBytes }),
      ...(io.programs === undefined ? {} : { store: io.programs }),
      ...(schedules === undefined ? {} : { schedules }),
    });
  } finally {
    bar.stop();
  }
}

/** How long a lost device may take to say so after a read has failed. */
const LOSS_MS = 200;

/** A read that failed because the device is gone becomes an error that says this. */
async function explainLoss(device: Device, thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof RicciError) || !['runtime/read', 'sampling/read-failed'].includes(thrown.code)) return thrown;
  const info = await Promise.race([device.lost, setTimeout(LOSS_MS, undefined)]);
  if (info === undefined) return thrown;
  const reason = info.message === '' ? info.reason : info.message.split('\n', 1)[0];
  return new RicciError({
    code: 'device/lost',
    message: `The device "${device.name}" was lost: ${reason}`,
    hint: 'What was printed before stands. Run the command again, or try another device (`ricci devices`).',
    cause: thrown,
  });
}
