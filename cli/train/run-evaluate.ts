import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { loadTrainConfig, locatedConfig } from '../../models/pldr/train/config/parse-train-config.ts';
import type { TrainConfig } from '../../models/pldr/train/config/schema.ts';
import { evaluateCheckpoint } from '../../models/pldr/train/run/evaluate-checkpoint.ts';
import { modelOf } from '../../models/pldr/train/run/model-of.ts';
import { resolveChoice, type DeviceChoice } from '../../runtime/open.ts';
import type { Io } from '../io.ts';
import { write } from '../output.ts';
import { chosenVariant } from '../variant/chosen-variant.ts';

export interface EvaluateFlags extends DeviceChoice {
  readonly model: string;
  readonly json?: boolean;
}

/** `ricci evaluate`: what is wrong with the configuration is told before a device is opened. */
export async function runEvaluate(
  io: Io, file: string, keys: readonly string[], { model, json = false, ...choice }: EvaluateFlags,
): Promise<void> {
  resolveChoice(choice);
  const base = dirname(file);
  const config = withModel(await loadTrainConfig(file, keys), resolve(model));
  const located = locatedConfig(config, base);
  const named = await modelOf(located);
  const variant = await chosenVariant(io, located.model.variant ?? undefined);
  const folder = await mkdtemp(join(tmpdir(), 'ricci-evaluate-'));
  try {
    const device = await io.openDevice(choice);
    try {
      const { crossEntropy, accuracy, targets } = await evaluateCheckpoint(model, config, {
        device, folder, base, ...named, now: () => io.now(), tell: () => undefined,
        ...(variant === undefined ? {} : { variant }),
      });
      const [error] = device.takeErrors();
      if (error !== undefined) throw error;
      const shown: Shown = { loss: crossEntropy, perplexity: Math.exp(crossEntropy), accuracy, targets };
      await write(io.stdout, json ? `${JSON.stringify(shown)}\n` : `${line(shown)}\n`);
    } finally {
      device.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The configuration of a training, of a checkpoint in place of the model that it names. */
const withModel = (config: TrainConfig, from: string): TrainConfig =>
  ({ ...config, model: { ...config.model, from, config: null, preset: null } });

interface Shown {
  readonly loss: number;
  readonly perplexity: number;
  readonly accuracy: number;
  readonly targets: number;
}

function line({ loss, perplexity, accuracy, targets }: Shown): string {
  const right = `accuracy ${(100 * accuracy).toFixed(1)} %`;
  return `loss ${loss.toFixed(4)} (perplexity ${perplexity.toFixed(2)}), ${right}, ${targets} targets`;
}
