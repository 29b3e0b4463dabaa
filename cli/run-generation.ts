import type { Writable } from 'node:stream';
import { generate, type Session, type Tokenizer } from '../models/pldr/index.ts';
import type { SamplingOptions } from '../runtime/sampling/options.ts';
import type { Io } from './io.ts';
import { OutputClosed, send, write } from './output.ts';
import { StopTexts } from './stop-texts.ts';

/**
 * Why a text ended: its end token, a stop text, as many tokens as were asked for, Ctrl-C, or an error (what had come
 * until then is kept).
 */
export type FinishReason = 'end' | 'stop' | 'length' | 'interrupted' | 'error';

export interface GenerationRequest {
  readonly ids: readonly number[];
  readonly sampling: SamplingOptions;
  readonly maxNewTokens: number;
  readonly stops: readonly string[];
  /** Nothing is printed while the text comes. */
  readonly silent: boolean;
}

export interface Generated {
  /** New tokens, the end token and those of a stop text included. */
  readonly ids: readonly number[];
  /** The new text, without the prompt and without a stop text. */
  readonly text: string;
  readonly finishReason: FinishReason;
  /** From the start of the prompt's pass on; undefined when no token came. */
  readonly firstTokenMs: number | undefined;
  /** After the first token; undefined for fewer than two. */
  readonly tokensPerSecond: number | undefined;
  /** What ended the text too early. */
  readonly failure: unknown;
}

/** Generates, printing the prompt and then the text as it comes. @throws OutputClosed */
export async function runGeneration(
  io: Io,
  session: Session,
  tokenizer: Tokenizer,
  request: GenerationRequest,
): Promise<Generated> {
  const transcript = new Transcript(io, tokenizer, request);
  const interrupt = new AbortController();
  const release = io.onInterrupt(() => interrupt.abort());
  const clock = new Clock(io);
  let failure: unknown;
  try {
    await transcript.begin();
    const { sampling, maxNewTokens } = request;
    for await (const {
      ids: [id],
    } of generate(session, { rows: [request.ids] }, { ...sampling, maxNewTokens, signal: interrupt.signal })) {
      clock.tick();
      await transcript.add(id);
      if (transcript.stopped) break;
    }
  } catch (thrown) {
    if (thrown instanceof OutputClosed) throw thrown;
    failure = thrown;
  } finally {
    release();
  }
  await transcript.end();
  const { ids, text, stopped } = transcript;
  const finishReason = reasonOf({
    failed: failure !== undefined,
    stopped,
    interrupted: interrupt.signal.aborted,
    ended: ids.at(-1) === session.model.config.eosId,
  });
  return { ids, text, finishReason, firstTokenMs: clock.firstMs, tokensPerSecond: clock.perSecond, failure };
}

function reasonOf(was: {
  readonly failed: boolean;
  readonly stopped: boolean;
  readonly ended: boolean;
  readonly interrupted: boolean;
}): FinishReason {
  if (was.failed) return 'error';
  if (was.stopped) return 'stop';
  if (was.ended) return 'end';
  return was.interrupted ? 'interrupted' : 'length';
}

/** A write costs what a small model's token does, and screens show about sixty pictures a second. */
const FRAME_MS = 16;

/** The text so far, printed as far as it is certain, at most once in each frame. */
class Transcript {
  readonly ids: number[] = [];
  text = '';
  stopped = false;
  readonly #stdout: Writable | undefined;
  readonly #now: () => number;
  readonly #prompt: readonly number[];
  readonly #stream: ReturnType<Tokenizer['stream']>;
  readonly #stops: StopTexts;
  #pending = '';
  #printedAt = -Infinity;

  constructor(io: Io, tokenizer: Tokenizer, { ids, stops, silent }: GenerationRequest) {
    this.#stdout = silent ? undefined : io.stdout;
    this.#now = () => io.now();
    this.#prompt = ids;
    this.#stream = tokenizer.stream();
    this.#stops = new StopTexts(stops);
  }

  /** The prompt goes through the same stream, so that the space between it and the next word is right. */
  async begin(): Promise<void> {
    await this.#print(this.#prompt.map((id) => this.#stream.push(id)).join(''));
  }

  async add(id: number): Promise<void> {
    this.ids.push(id);
    const { text, stopped } = this.#stops.push(this.#stream.push(id));
    this.stopped = stopped;
    await this.#show(text);
  }

  async end(): Promise<void> {
    if (!this.stopped) {
      const { text, stopped } = this.#stops.push(this.#stream.end());
      this.stopped = stopped;
      await this.#show(stopped ? text : text + this.#stops.end());
    }
    if (this.#stdout !== undefined) await write(this.#stdout, `${this.#pending}\n`);
  }

  async #show(text: string): Promise<void> {
    this.text += text;
    await this.#print(text);
  }

  async #print(text: string): Promise<void> {
    if (this.#stdout === undefined) return;
    this.#pending += text;
    const now = this.#now();
    if (now - this.#printedAt < FRAME_MS) return;
    this.#printedAt = now;
    const all = this.#pending;
    this.#pending = '';
    await send(this.#stdout, all);
  }
}

class Clock {
  readonly #io: Io;
  readonly #begun: number;
  #first = 0;
  #last = 0;
  #count = 0;

  constructor(io: Io) {
    this.#io = io;
    this.#begun = io.now();
  }

  tick(): void {
    this.#last = this.#io.now();
    if (this.#count === 0) this.#first = this.#last;
    this.#count += 1;
  }

  get firstMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#first - this.#begun;
  }

  get perSecond(): number | undefined {
    return this.#count < 2 ? undefined : ((this.#count - 1) * 1000) / (this.#last - this.#first);
  }
}
