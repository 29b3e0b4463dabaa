/** What every system is asked to read and to write. */
export interface Text {
  /** A checkpoint folder. */
  readonly model: string;
  readonly prompt: readonly number[];
  /** New tokens. */
  readonly tokens: number;
  readonly threads: number;
}

/** Asks Ricci for the greedy tokens, and for their logits in a file. */
export interface ReferenceRequest extends Text {
  readonly task: 'reference';
  /** Raw f32 [tokens, vocab]. */
  readonly out: string;
}

/** Asks a peer for the logits after the prompt and after each of the tokens `fed`, whatever it would choose itself. */
export interface LogitsRequest extends Text {
  readonly task: 'logits';
  readonly fed: readonly number[];
  /** Positions that its caches hold. */
  readonly capacity: number;
  /** A safetensors file: `logits` [1 + fed, vocab]. */
  readonly out: string;
}

/** Asks for the time of texts, after one that is not timed. */
export interface TimeRequest extends Text {
  readonly task: 'time';
  readonly repeats: number;
  readonly capacity: number;
}

export type Request = { readonly task: 'about' } | ReferenceRequest | LogitsRequest | TimeRequest;

export interface About {
  /** What computes: versions and device. */
  readonly about: string;
}

export interface Reference extends About {
  readonly ids: readonly number[];
}

export interface TimedText {
  readonly ids: readonly number[];
  /** From the start of the prompt's pass until its token is at the host. */
  readonly promptSeconds: number;
  /** Tokens after the first; absent where there is only one. */
  readonly tokensPerSecond?: number;
}

export interface Timed {
  /** Of the text before the timed ones: a peer that compiles does so here. */
  readonly firstPromptSeconds: number;
  readonly texts: readonly TimedText[];
}
