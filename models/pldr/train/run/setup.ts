import type { Device } from '../../../../runtime/device.ts';
import type { PldrConfig } from '../../config.ts';
import type { Variant } from '../../operator.ts';
import type { HashedTokenizer } from '../data/hashed-tokenizer.ts';
import type { TokeniseProgress } from '../data/tokenise.ts';
import type { LabelCount } from '../labelled/labels.ts';
import type { Sample } from '../log/sample.ts';
import type { TrainingMemory } from '../plan.ts';

/** What a training tells while it runs. Losses are in nats. */
export type TrainingEvent =
  | { readonly kind: 'tokenising'; readonly progress: TokeniseProgress }
  /** What labelled data hold, and of that what is held out. */
  | {
    readonly kind: 'labelled'; readonly examples: number; readonly labels: readonly LabelCount[];
    readonly heldOut: number; readonly heldOutLabels: readonly LabelCount[];
  }
  /** What it will take on the device, before it is taken. */
  | { readonly kind: 'planned'; readonly memory: TrainingMemory }
  | { readonly kind: 'begun'; readonly step: number; readonly documents: number; readonly tokens: number }
  | {
    readonly kind: 'trained'; readonly step: number; readonly loss: number; readonly accuracy: number;
    readonly learningRate: number; readonly tokensPerSecond: number; readonly secondsPerStep: number;
    /** Operations of the updates' contractions. */
    readonly flopsPerSecond: number;
  }
  | { readonly kind: 'validated'; readonly step: number; readonly loss: number; readonly accuracy: number }
  | { readonly kind: 'sampled'; readonly sample: Sample }
  | { readonly kind: 'saved'; readonly step: number; readonly path: string };

export interface TrainingSetup {
  readonly device: Device;
  /** Where checkpoints, logs and the token file go. */
  readonly folder: string;
  /** The folder from which the configuration's paths count; the working directory where nothing is said. */
  readonly base?: string;
  readonly model: PldrConfig;
  readonly tokenizer: HashedTokenizer;
  /** How the model makes G, instead of what its configuration names. */
  readonly variant?: Variant;
  /** Stops the training after the update that it is in, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  readonly tell: (event: TrainingEvent) => void;
}

/** Where a training ended. */
export interface TrainingEnd {
  readonly step: number;
  /** The last checkpoint. */
  readonly checkpoint: string | undefined;
}
