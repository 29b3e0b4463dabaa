import type { Tokenizer } from '../../models/pldr/index.ts';
import type { DeviceChoice } from '../../runtime/open.ts';
import { verifyModel, type VerifyReport } from '../../verify/index.ts';
import { usageError } from '../errors.ts';
import type { Io } from '../io.ts';
import { openTextModel, withModel } from '../model.ts';
import { write } from '../output.ts';
import { checkPrompt, newTokensAfter, promptIds } from '../prompt.ts';
import { showInvariance } from './show-invariance.ts';
import { LAWS_TITLE, showLaw } from './show-laws.ts';
import { showOperators } from './show-operators.ts';

export interface VerifyFlags extends DeviceChoice {
  readonly model: string;
  readonly prompt: readonly string[];
  readonly steps: number;
  readonly json?: boolean;
}

/** Texts of nothing in particular, of different lengths. */
const PROMPTS = ['To be, or not to be: that is the question.', 'My lord, the king is come.', 'What say you?'];

/** Prints each law as soon as it is known, then what was measured; or everything as one object. @throws as `verifyModel` */
export async function runVerify(io: Io, flags: VerifyFlags): Promise<VerifyReport> {
  if (flags.prompt.length === 1) {
    throw usageError('One text cannot be compared with others.', 'Give --prompt twice or more, or not at all.');
  }
  const { checkpoint: { config }, tokenizer } = await openTextModel(flags.model);
  const texts = flags.prompt.length === 0 ? PROMPTS : flags.prompt;
  const prompts = texts.map((text) => promptIds(text, tokenizer, config, false));
  checkPrompt({ rows: prompts }, 'exact', config);
  newTokensAfter(prompts[0].length, flags.steps, config);
  return withModel(io, flags, async (model) => {
    if (flags.json === true) {
      const report = await verifyModel(model, { prompts, steps: flags.steps });
      await write(io.stdout, `${JSON.stringify(report)}\n`);
      return report;
    }
    await write(io.stdout, `${flags.model} on ${model.device.name}\n\n${LAWS_TITLE}\n`);
    const report = await verifyModel(model, {
      prompts, steps: flags.steps, onLaw: (law) => { io.stdout.write(`${showLaw(law)}\n`); },
    });
    await write(io.stdout, `\n${showMeasured(report, tokenizer)}\n`);
    return report;
  });
}

function showMeasured({ invariance }: VerifyReport, tokenizer: Tokenizer): string {
  if (invariance === undefined) return 'The operator is a part of the checkpoint, or the identity: no text moves it.';
  return `${showInvariance(invariance, tokenizer)}\n\n${showOperators(invariance.operators)}`;
}
