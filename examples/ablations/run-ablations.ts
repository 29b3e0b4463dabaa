import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Device } from 'ricci/runtime';
import {
  checkpointsIn, locatedConfig, modelOf, runTraining, type HashedTokenizer, type TrainedModel, type TrainingEvent,
} from 'ricci/train';
import type { AblationConfig } from './config.ts';
import { writeFirst } from './first-checkpoint.ts';
import { inOrder, isLearned, isTransferred, planOf, type Plan, type Run } from './plan.ts';
import { reportPage } from './report/page.ts';
import { resultOf, type Results, type RunResult } from './results.ts';
import { memoryStore, studyRun } from './study.ts';
import { transferredG } from './transfer.ts';

export interface AblationSetup {
  readonly device: Device;
  /** Ends the training that runs after the update that it is in; the same command then goes on. */
  readonly signal?: AbortSignal;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  readonly tell: (run: Run, event: TrainingEvent) => void;
}

/**
 * Trains all variants one after the other, studies their checkpoints and writes the report.
 * @returns the report's path; undefined where the command was told to stop
 * @throws as `modelOf`, `transferredG` and `runTraining`
 */
export async function runAblations(config: AblationConfig, setup: AblationSetup): Promise<string | undefined> {
  const trained = await modelOf(locatedConfig(config.recipe, config.base));
  const plan = planOf(config, trained.model);
  for (const run of inOrder(plan)) {
    await writeFirst(run, isTransferred(run) ? await givenTo(run, plan, config, trained, setup.device) : undefined);
    if (!await train(run, config.base, trained.tokenizer, setup)) return undefined;
  }
  const path = join(config.out, 'report.html');
  await writeFile(path, reportPage(await resultsOf(config, plan, trained, setup.device)));
  return path;
}

/** Whether a run came to its end. */
async function train(run: Run, base: string, tokenizer: HashedTokenizer, setup: AblationSetup): Promise<boolean> {
  const { device, signal, now, tell } = setup;
  const { config, folder, model, variant } = run;
  const { step } = await runTraining(config, {
    device, folder, base, model, tokenizer, now, tell: (event) => tell(run, event),
    ...(variant === undefined ? {} : { variant }), ...(signal === undefined ? {} : { signal }),
  });
  return step === config.steps;
}

/** G for a run that transfers it: of the checkpoint that is named, or of the learned run's last. */
async function givenTo(
  run: Run, { runs }: Plan, { transfer: { from, prompt }, base }: AblationConfig, { tokenizer }: TrainedModel,
  device: Device,
): Promise<Float32Array> {
  const learned = runs.find(isLearned);
  const last = learned === undefined ? undefined : (await checkpointsIn(learned.folder)).at(-1);
  const named = from === null || isAbsolute(from) ? from : join(base, from);
  return transferredG({ from: named ?? last?.path ?? '', prompt }, run.model, device, tokenizer.tokenizer);
}

async function resultsOf(
  config: AblationConfig, plan: Plan, { tokenizer, model }: TrainedModel, device: Device,
): Promise<Results> {
  const prompts = config.prompts.map((text) => tokenizer.tokenizer.encode(text).slice(0, model.contextLength));
  const store = memoryStore();
  const known = new Map<Run, RunResult>();
  for (const run of inOrder(plan)) known.set(run, await resultOf(run, await studyRun(run, device, prompts, store)));
  const of = (run: Run): RunResult => {
    const found = known.get(run);
    if (found === undefined) throw new Error(`${run.name} is no run of the plan`);
    return found;
  };
  return {
    config, device: device.name, runs: plan.runs.map(of),
    sweep: plan.sweep.map(({ peak, warmup, run }) => ({ peak, warmup, result: of(run) })),
  };
}
