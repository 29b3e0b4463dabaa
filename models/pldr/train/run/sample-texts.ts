import { RicciError } from '../../../../dsl/errors.ts';
import type { SamplingOptions } from '../../../../runtime/sampling/options.ts';
import type { PldrConfig } from '../../config.ts';
import { generate } from '../../generate.ts';
import type { PldrModel } from '../../model.ts';
import { newTokens } from '../../new-tokens.ts';
import { randomStream } from '../../random-stream.ts';
import { Session } from '../../session.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import type { TrainConfig } from '../config/schema.ts';
import type { Sample } from '../log/sample.ts';

/** A prompt, and how it is read. */
export interface SamplePrompt {
  readonly text: string;
  readonly ids: readonly number[];
}

/**
 * The prompts that a model in training goes on from, none where it writes no texts. One without any token is the end
 * token, as the authors begin from nothing.
 * @throws RicciError `pldr/context` where prompt and text do not fit the model's context, `train/sample` for a
 * prompt without any token where there is no end token
 */
export function samplePrompts(
  { sample }: TrainConfig, { tokenizer, model }: { readonly tokenizer: Tokenizer; readonly model: PldrConfig },
): readonly SamplePrompt[] {
  if (sample.every === 0) return [];
  return sample.prompts.map((text) => {
    const ids = tokenizer.encode(text);
    const prompt = { text, ids: ids.length > 0 ? ids : [endOf(model, tokenizer)] };
    newTokens(prompt.ids.length, model.contextLength, sample.tokens);
    return prompt;
  });
}

/** Positions that a session needs for the longest of these prompts and its text. */
export const sampleLength = (prompts: readonly SamplePrompt[], { sample }: TrainConfig): number =>
  Math.max(0, ...prompts.map(({ ids }) => ids.length)) + sample.tokens;

function endOf({ eosId }: PldrConfig, { specials }: Tokenizer): number {
  const end = eosId ?? specials.eos;
  if (end !== undefined) return end;
  throw new RicciError({
    code: 'train/sample',
    message: 'sample.prompts has a prompt without any token, and this model has no end token to begin from.',
    hint: 'Give a prompt with a text.',
  });
}

/**
 * Writes texts with a model in an ordinary session, opened once. What is written depends on the weights, the seed and
 * the step alone, so that a training that was stopped writes what one that was not does.
 */
export class TextSampler {
  readonly #session: Session;
  readonly #tokenizer: Tokenizer;
  readonly #prompts: readonly SamplePrompt[];
  readonly #config: TrainConfig;

  private constructor(session: Session, tokenizer: Tokenizer, prompts: readonly SamplePrompt[], config: TrainConfig) {
    this.#session = session;
    this.#tokenizer = tokenizer;
    this.#prompts = prompts;
    this.#config = config;
  }

  /** Compiles what generating takes. */
  static async open(
    model: PldrModel, tokenizer: Tokenizer, prompts: readonly SamplePrompt[], config: TrainConfig,
  ): Promise<TextSampler> {
    return new TextSampler(await Session.open(model), tokenizer, prompts, config);
  }

  /** A text for each prompt, with the weights as they are. @throws `pldr/not-finite` */
  async sample(step: number): Promise<readonly Sample[]> {
    const samples: Sample[] = [];
    for (const [i, prompt] of this.#prompts.entries()) {
      samples.push({ step, prompt: prompt.text, text: await this.#write(prompt, `sample ${i} at ${step}`) });
    }
    return samples;
  }

  async #write({ ids }: SamplePrompt, stream: string): Promise<string> {
    const { sample, seed } = this.#config;
    const text = this.#tokenizer.stream();
    // The prompt goes through the same stream, so that the space between it and the next word is right.
    for (const id of ids) text.push(id);
    let written = '';
    const sampling = samplingOf(sample.temperature, randomStream(seed, stream).below(2 ** 32));
    for await (const { ids: [id] } of generate(
      this.#session, { rows: [ids] }, { ...sampling, maxNewTokens: sample.tokens },
    )) written += text.push(id);
    return written + text.end();
  }

  close(): void {
    this.#session.close();
  }
}

const samplingOf = (temperature: number, seed: number): SamplingOptions =>
  (temperature === 0 ? { greedy: true } : { temperature, seed, order: 'hf' });
