import { readFile } from 'node:fs/promises';
import { RicciError } from '../../dsl/errors.ts';
import type { PldrConfig, Tokenizer } from '../../models/pldr/index.ts';
import type { DeviceChoice } from '../../runtime/open.ts';
import {
  dagBesideInitial, orderBesideInitial, verifyModel, type VerifyReport,
} from '../../verify/index.ts';
import { storageCosts, type StorageCost } from '../../verify/storages/storage-costs.ts';
import { usageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { openTextModel, withModel } from '../model.ts';
import { write } from '../output.ts';
import { chosenVariant } from '../variant/chosen-variant.ts';
import { checkPrompt, newTokensAfter, promptIds } from '../prompt.ts';
import { drawReport, type DrawnFlags } from './drawn-report.ts';
import { showBesideInitial } from './show-beside-initial.ts';
import { showInvariance, showReplaced } from './show-invariance.ts';
import { LAWS_TITLE, showLaw } from './show-laws.ts';
import { showOperators } from './show-operators.ts';
import { showStorages } from './show-storages.ts';

export interface VerifyFlags extends DeviceChoice, DrawnFlags {
  readonly variant?: string;
  readonly prompt?: readonly string[];
  readonly text?: string;
  readonly steps?: number;
  readonly storages?: boolean;
  readonly tuned?: boolean;
  readonly json?: boolean;
}

/** Texts of nothing in particular, of different lengths. */
const PROMPTS = ['To be, or not to be: that is the question.', 'My lord, the king is come.', 'What say you?'];

/** What storages cost, where that was asked for. */
interface Storages {
  readonly storages?: readonly StorageCost[];
}

/** Greedy tokens that are followed where nobody says how many. */
const USUAL_STEPS = 24;

/**
 * Prints each law as soon as it is known, then what was measured; or everything as one object.
 * @throws as `verifyModel`
 */
export async function runVerify(io: Io, flags: VerifyFlags): Promise<VerifyReport> {
  const { prompt = PROMPTS } = flags;
  if (prompt.length === 1) {
    throw usageError('One text cannot be compared with others.', 'Give --prompt twice or more, or not at all.');
  }
  const variant = await chosenVariant(io, flags.variant);
  const { checkpoint: { config, hasHead }, tokenizer } = await openTextModel(flags.model, variant);
  if (!hasHead) throw noHead(flags.model);
  const prompts = prompt.map((text) => promptIds(text, tokenizer, config, false));
  checkPrompt({ rows: prompts }, 'exact', config);
  const few = Math.max(2, Math.min(USUAL_STEPS, config.contextLength - prompts[0].length));
  const steps = newTokensAfter(prompts[0].length, flags.steps ?? few, config);
  const scored = flags.text === undefined
    ? prompts.flat().slice(0, config.contextLength)
    : await tokensOf(flags.text, tokenizer, config);
  return withModel(io, { ...flags, variant }, async (model) => {
    const inText = flags.json !== true;
    if (inText) await write(io.stdout, `${flags.model} on ${model.device.name}\n\n${LAWS_TITLE}\n`);
    const report = await verifyModel(model, {
      prompts, text: scored, steps, onLaw: (law) => { if (inText) io.stdout.write(`${showLaw(law)}\n`); },
    });
    const storages = flags.storages === true
      ? { storages: await storageCosts(model, flags.model, scored, variant === undefined ? {} : { variant }) }
      : {};
    await write(io.stdout, inText
      ? `\n${showMeasured(report, tokenizer, storages)}\n`
      : `${JSON.stringify({ ...report, ...storages })}\n`);
    await drawReport(io, flags, { model, tokenizer, report, prompt: prompts[0] });
    return report;
  });
}

/** The beginning of a file's text, as much as the model can look at. @throws `input/…` */
async function tokensOf(file: string, tokenizer: Tokenizer, { contextLength }: PldrConfig): Promise<readonly number[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RicciError({
      code: 'input/read',
      message: `${file} could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Give a file of text.',
    });
  });
  const ids = tokenizer.encode(text).slice(0, contextLength);
  if (ids.length > 1) return ids;
  throw new RicciError({
    code: 'input/too-short',
    message: `${file} has ${ids.length} token${ids.length === 1 ? '' : 's'}, and a perplexity takes two or more.`,
    hint: 'Give a longer text.',
  });
}

const noHead = (model: string): RicciError => new RicciError({
  code: 'checkpoint/no-head',
  message: `The checkpoint ${model} has no head, so it makes no logits to compare.`,
  hint: 'Verify one with final_layer.weight.',
});

function showMeasured(report: VerifyReport, tokenizer: Tokenizer, { storages }: Storages): string {
  const { invariance } = report;
  const order = invariance === undefined ? undefined : orderBesideInitial(invariance);
  return [
    invariance === undefined
      ? 'The operator is a part of the checkpoint, or the identity: no text moves it.'
      : showInvariance(invariance, tokenizer),
    showReplaced(report.replaced, tokenizer), ...(order === undefined ? [] : [showBesideInitial(order)]),
    showOperators(report.operators), showBesideInitial(dagBesideInitial(report)),
    ...(storages === undefined ? [] : [showStorages(storages)]),
  ].join('\n\n');
}
