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

/** Where a training computes: Ricci on the CPU or by WebGPU, its peers on the CPU or by CUDA. */
export type TrainingDevice = Device | 'cuda';

/** What is trained, and how; the optimiser is AdamW with decay on every parameter. */
export interface TrainingTerms {
  /** A checkpoint folder: its weights are the first ones, and moments begin as 0. */
  readonly model: string;
  /** Of the CPU; 0 leaves it to the system. */
  readonly threads: number;
  /** Rows of a batch. */
  readonly batch: number;
  /** Tokens of a row that are read; each has the one after it as its target. */
  readonly positions: number;
  /** Batches of whole chunks, raw i32 [batches, batch, positions + 1], taken in turn; none has a padding token. */
  readonly chunks: string;
  /** Learning rates of the first updates, whose losses are compared; the last one goes for all that follow. */
  readonly rates: readonly number[];
  readonly betas: readonly [first: number, second: number];
  readonly eps: number;
  readonly weightDecay: number;
  /** What each entry of a gradient is at most. */
  readonly clip: number;
}

/** Asks for the losses of the first updates, and for the time of updates after them. */
export interface TrainRequest extends TrainingTerms {
  readonly task: 'train';
  readonly device: TrainingDevice;
  /** Whether a peer compiles the model (torch.compile). */
  readonly compiled: boolean;
  /** Whether Ricci's CPU multiplies and adds in one instruction. */
  readonly fused: boolean;
  readonly repeats: number;
}

export type Request =
  | { readonly task: 'about' } | ReferenceRequest | LogitsRequest | TimeRequest | MatmulRequest | TrainRequest;

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

export interface TimedTraining extends About {
  /** Cross-entropy of each of the first batches, before its update. */
  readonly losses: readonly number[];
  /** Of each update after these: from the batch on the host until its loss is there and the device is done. */
  readonly seconds: readonly number[];
}
