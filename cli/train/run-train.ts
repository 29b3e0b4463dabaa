import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadTrainConfig, locatedConfig } from '../../models/pldr/train/config/parse-train-config.ts';
import { modelOf } from '../../models/pldr/train/run/model-of.ts';
import { runTraining, type TrainingEnd } from '../../models/pldr/train/run/run.ts';
import { samplePrompts } from '../../models/pldr/train/run/sample-texts.ts';
import { resolveChoice, type DeviceChoice } from '../../runtime/open.ts';
import type { Io } from '../io.ts';
import { chosenVariant } from '../variant/chosen-variant.ts';
import { LiveView } from './live-view.ts';
import { matmulRoof } from './matmul-roof.ts';

export interface TrainFlags extends DeviceChoice {
  readonly out: string;
}

export interface TrainResult extends TrainingEnd {
  readonly interrupted: boolean;
}

/** `ricci train`: everything that can be wrong with the configuration is told before a device is opened. */
export async function runTrain(
  io: Io, file: string, keys: readonly string[], { out, ...choice }: TrainFlags,
): Promise<TrainResult> {
  resolveChoice(choice);
  const config = await loadTrainConfig(file, keys);
  const base = dirname(file);
  const located = locatedConfig(config, base);
  const trained = await modelOf(located);
  samplePrompts(config, { tokenizer: trained.tokenizer.tokenizer, model: trained.model });
  const variant = await chosenVariant(io, located.model.variant ?? undefined);
  await mkdir(out, { recursive: true });
  const interrupt = new AbortController();
  const release = io.onInterrupt(() => interrupt.abort());
  const view = new LiveView(io, config.steps);
  try {
    const device = await io.openDevice(choice);
    try {
      view.setRoof(await matmulRoof(device));
      const end = await runTraining(config, {
        device, folder: out, base, ...trained, signal: interrupt.signal, now: () => io.now(), tell: (e) => view.tell(e),
        ...(variant === undefined ? {} : { variant }),
      });
      const [error] = device.takeErrors();
      if (error !== undefined) throw error;
      view.end(end);
      return { ...end, interrupted: interrupt.signal.aborted };
    } finally {
      device.close();
    }
  } finally {
    view.close();
    release();
  }
}
