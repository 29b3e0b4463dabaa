import { RicciError } from '../../dsl/index.ts';
import { resolveSampling, type SamplingOptions } from '../../runtime/sampling/options.ts';
import type { Sampler, TokenBlock } from '../../runtime/sampling/sampler.ts';
import { explainNonFinite } from './diagnose.ts';
import { newTokens } from './new-tokens.ts';
import type { Prompt } from './prompt.ts';
import type { Session } from './session.ts';

export interface GenerateOptions extends SamplingOptions {
  /** Most tokens to add to each row; default: as many as the context holds. */
  readonly maxNewTokens?: number;
  /** Tokens that end a row; default: the configuration's end token. */
  readonly stopIds?: readonly number[];
  readonly signal?: AbortSignal;
  /**
   * Steps that are encoded before the oldest one's token is read, so that the device never waits for the host: 4 by
   * default, and 1 on a CPU, which has nothing to wait for and should hear of an abort at once.
   */
  readonly inFlight?: number;
}

/** One token of every row. */
export interface GeneratedStep {
  /** [batch] */
  readonly ids: Int32Array;
  /** Whether the row had ended before this step: its id is then only filling. */
  readonly ended: readonly boolean[];
}

const IN_FLIGHT = { webgpu: 4, cpu: 1 } as const;

/**
 * Continues the prompts token by token. Tokens are chosen on the device and read behind it; ends when every row has ended,
 * at `maxNewTokens`, at the end of the context, or when `signal` is aborted (without an error: what was yielded stands).
 * @throws `pldr/context`, `pldr/prompt`, `sampling/…`, `pldr/not-finite`, `runtime/read` when the device is lost
 */
export async function* generate(session: Session, prompt: Prompt, options: GenerateOptions = {}): AsyncGenerator<GeneratedStep> {
  const sampler = samplerOf(session);
  const layout = session.start(prompt);
  const limit = newTokens(layout.length, session.capacity, options.maxNewTokens);
  const stopIds = options.stopIds ?? (session.model.config.eosId === null ? [] : [session.model.config.eosId]);
  sampler.begin(resolveSampling(samplingOf(options), session.model.config.vocabSize), {
    position: layout.nextPosition, slot: layout.nextSlot, stopIds, padId: session.model.config.padId ?? 0, seen: prompt.rows,
  });
  const ended = prompt.rows.map(() => false);
  const text: number[][] = prompt.rows.map((r) => [...r]);
  const ahead = session.appends ? options.inFlight ?? IN_FLIGHT[session.model.device.kind] : 1;
  const chosen: Promise<TokenBlock>[] = [];
  for (let read = 0; ; read++) {
    while (chosen.length < Math.min(ahead, limit - read)) chosen.push(submitStep(session, sampler, read + chosen.length, text));
    const next = chosen.shift();
    if (next === undefined) return;
    const { ids, flags } = await next;
    if (flags.some((f) => (f & 1) !== 0)) throw await explainNonFinite(session.model, { rows: text, mask: prompt.mask }, session.options);
    if (options.signal?.aborted === true) return;
    yield { ids, ended: [...ended] };
    ids.forEach((id, row) => {
      text[row].push(id);
      if (stopIds.includes(id)) ended[row] = true;
    });
    if (ended.every(Boolean)) return;
  }
}

function samplingOf({ maxNewTokens: _m, stopIds: _s, signal: _a, inFlight: _i, ...sampling }: GenerateOptions): SamplingOptions {
  return sampling;
}

function samplerOf(session: Session): Sampler {
  if (session.sampler !== undefined) return session.sampler;
  throw new RicciError({
    code: 'pldr/no-head', message: 'The checkpoint has no head, so it makes no logits to generate from.',
    hint: 'Use a checkpoint with final_layer.weight; `ricci classify` asks those that label or answer.',
  });
}

/** Submits a forward pass, the choice of its token, and the reading of that token, which no later step then delays. */
function submitStep(session: Session, sampler: Sampler, step: number, text: readonly (readonly number[])[]): Promise<TokenBlock> {
  if (step > 0) session.extend(text.map((row) => row[row.length - 1]));
  session.model.device.submit((commands) => {
    if (step === 0) session.encodeFirst(commands);
    else session.encodeNext(commands);
    commands.sample(sampler, session.logits(), step);
    if (step === 0) session.shareFirstG(commands);
  });
  const chosen = sampler.readTokens(step, 1);
  chosen.catch(() => undefined); // whoever still waits for it hears of a failure; after an early end nobody does
  return chosen;
}
