/** Where all systems compute: on the CPU's threads, or on the adapter that WebGPU prefers. */
export const DEVICES = ['cpu', 'webgpu'] as const;

export type Device = (typeof DEVICES)[number];

/** What is kept from the prompt: keys, values and G; or nothing, so that each token reads the whole text again. */
export const CACHES = ['kv+g', 'none'] as const;

export type Cache = (typeof CACHES)[number];

/** What every system is asked to read and to write. */
export interface Text {
  /** A checkpoint folder. */
  readonly model: string;
  readonly prompt: readonly number[];
  /** New tokens. */
  readonly tokens: number;
  readonly device: Device;
  /** Of the device cpu. */
  readonly threads: number;
  readonly cache: Cache;
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

/** Asks for the time of texts, after one that is not timed, or as many as a peer needs until it has compiled all. */
export interface TimeRequest extends Text {
  readonly task: 'time';
  readonly repeats: number;
  readonly capacity: number;
}

/** Products of square matrices: of both as they lie, or with the second one's rows as columns, as weights lie. */
export const PRODUCTS = ['a·b', 'a·bᵀ'] as const;

export type Product = (typeof PRODUCTS)[number];

/** Asks for the time of a product of square matrices, in files of raw f32, each row after the other. */
export interface MatmulRequest {
  readonly task: 'matmul';
  readonly device: 'webgpu';
  readonly product: Product;
  /** Rows and columns. */
  readonly n: number;
  readonly first: string;
  readonly second: string;
  /** Where the product goes, which is checked by who asks. */
  readonly out: string;
  /** Products that are timed, after some that are not. */
  readonly repeats: number;
}

export type Request = { readonly task: 'about' } | ReferenceRequest | LogitsRequest | TimeRequest | MatmulRequest;

export interface About {
  /** What computes: versions and device. */
  readonly about: string;
  /** Of the device webgpu, what the driver calls its adapter. */
  readonly adapter?: string;
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
  /** Of the first text, before the timed ones: a peer that compiles does so here. */
  readonly firstPromptSeconds: number;
  readonly texts: readonly TimedText[];
}

export interface TimedMatmul extends About {
  /** Of each product: from handing it to the device until the device is done; operands and result stay there. */
  readonly seconds: readonly number[];
}
