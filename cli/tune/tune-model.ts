import type { PldrConfig } from '../../models/pldr/index.ts';
import type { Device } from '../../runtime/device.ts';
import type { Io } from '../io.ts';
import { status } from '../bench/status.ts';
import { modelSubject, type SubjectOptions } from './model-subject.ts';
import { kernelKeys, type Subject } from './subject.ts';
import { tune, type Tuned } from './tune.ts';
import { keepRecords, kernelSet, knownRecords, type KernelRecord } from './tuned-file.ts';

export interface TuneModelOptions extends SubjectOptions {
  readonly rounds: number;
}

/** Tunes a model's programs on a device, and keeps what was found. @returns it, and the file that it lies in */
export async function tuneModel(
  io: Io, device: Device, config: PldrConfig, options: TuneModelOptions,
): Promise<{ readonly tuned: Tuned; readonly file: string | undefined }> {
  return tuneSubject(io, modelSubject(device, config, options), options.rounds);
}

async function tuneSubject(
  io: Io, subject: Subject, rounds: number,
): Promise<{ readonly tuned: Tuned; readonly file: string | undefined }> {
  const show = status(io.stderr);
  const tuned = await tune(subject, { rounds, now: io.now, say: show });
  show('');
  if (io.tuned === undefined) return { tuned, file: undefined };
  const kernels = Object.fromEntries(tuned.kernels.map(({ key, name, schedule, before, after }): [string, KernelRecord] =>
    [key, { name, schedule, before, after }]));
  const models = [kernelSet(kernelKeys(subject))];
  return { tuned, file: await keepRecords(io.tuned, subject.device, { models, kernels }) };
}

/** Tunes a model's programs where that was never done on this device. */
export async function tuneIfNew(
  io: Io, device: Device, config: PldrConfig, options: TuneModelOptions,
): Promise<void> {
  const subject = modelSubject(device, config, options);
  const { models } = await knownRecords(io, device);
  if (!models.includes(kernelSet(kernelKeys(subject)))) await tuneSubject(io, subject, options.rounds);
}
