import {
  aside, atLeastZero, choice, flag, fraction, integer, orNull, part, pathOf, positive, text, texts,
} from './field.ts';
import type { ValuesOf } from './field.ts';

/**
 * All keys of a training's configuration. What is absent is as the authors trained (spec section 8): 16 chunks of 1024
 * tokens on each of two ranks are one batch of 32 here. Paths count from the folder of the configuration's file.
 */
export const TRAIN_SCHEMA = {
  /** What the model is to say: the next token, or what a head of its own says of labelled data (spec section 11). */
  task: choice('language', 'sequence-classification', 'token-classification', 'question-answering'),
  /** Of new weights and of the order of chunks. */
  seed: integer(0, 0),
  /** Updates. The learning rate ends with them. */
  steps: integer(250_000, 1),
  /** Chunks that are computed at once. */
  batch: integer(32, 1),
  /** Batches of an update: their gradients are averaged, each weighed by its targets. */
  accumulate: integer(1, 1),
  /** MiB that a step's activations are wished to take: values are computed again instead of kept; null for no bound. */
  memory: aside(orNull(positive(512))),
  /** Tokens of a chunk, of which one fewer are positions; or tokens that are read of a labelled text. */
  context: integer(1024, 2),
  model: {
    /** A checkpoint's folder whose weights are the first; null for new ones. */
    from: orNull(pathOf(text('checkpoint'))),
    /** The name of a model of the paper. */
    preset: orNull(text('v51-110M-1')),
    /** Path of a config.json that describes the model. */
    config: orNull(pathOf(text('config.json'))),
    /** How new weights are drawn: as the authors' code does, or as Hugging Face's. */
    init: choice('authors', 'hf'),
    /** Path of a module that declares how G is made. */
    variant: orNull(pathOf(text('variant.ts'))),
    /** In which a step contracts large matrices; weights and moments are f32. */
    compute: choice('f32', 'f16'),
  },
  data: {
    /** Files and folders of texts. */
    paths: pathOf(texts()),
    format: choice('auto', 'text', 'jsonl', 'parquet'),
    /** What ends a document in a text file: null for its end alone, "blank-line", or a text. */
    separator: orNull(text('blank-line')),
    /** Neighbours in a file that become one document. */
    merge: integer(1, 1),
    /** Of a JSON line's text, or a Parquet column. Labels are under "label"; words under "tokens" and "labels". */
    key: text('text'),
    /** Path of a tokenizer.model. */
    tokenizer: orNull(pathOf(text('tokenizer.model'))),
    /** Path of the token file, which is made where it is not there. */
    tokens: aside(orNull(pathOf(text('corpus.tokens')))),
    /** The part of the documents that is held out, from the end; of labelled examples, those that the seed draws. */
    validation: part(0.05),
    mode: choice('pack', 'pad', 'nopad'),
    /** Documents that are cut together, for pad and nopad: 100 batches of 16, as the authors do. */
    group: integer(1600, 1),
    /** What is put in another order in each epoch. */
    shuffle: choice('chunks', 'documents', 'none'),
  },
  loss: {
    /** Coefficients of the DAG terms (spec section 7); 0 leaves one out. */
    dag: { aLm: atLeastZero(0), aP: atLeastZero(0), gLm: atLeastZero(0) },
  },
  optimizer: {
    beta1: part(0.9),
    beta2: part(0.95),
    epsilon: positive(1e-5),
    weightDecay: atLeastZero(0.1),
    /** What decays: every parameter, as the authors', or matrices alone. */
    decay: choice('all', 'matrices'),
    /** Whether gradients are cut one by one, or scaled by their norm. */
    clip: choice('value', 'norm', 'none'),
    clipAt: positive(1),
  },
  learningRate: {
    schedule: choice('cosine', 'linear', 'constant'),
    peak: positive(1e-3),
    /** Updates in which the rate rises from 0. */
    warmup: integer(2000, 0),
    /** The last rate, as a part of the highest. */
    final: fraction(0.1),
  },
  validate: {
    /** Updates between two validations; 0 for none. */
    every: aside(integer(1000, 0)),
    /** Batches of one; null for all. */
    batches: aside(orNull(integer(1, 1))),
  },
  sample: {
    /** Updates between two texts that the model writes; 0 for none. */
    every: aside(integer(0, 0)),
    prompts: aside(texts()),
    tokens: aside(integer(64, 1)),
    /** 0 takes the likeliest token. */
    temperature: aside(atLeastZero(0)),
  },
  save: {
    /** Updates between two checkpoints; 0 for one at the end alone. */
    every: aside(integer(1000, 0)),
    /** Checkpoints that are kept. */
    keep: aside(integer(3, 1)),
  },
  log: {
    /** Updates between two rows. */
    every: aside(integer(50, 1)),
    csv: aside(flag(true)),
    jsonl: aside(flag(true)),
    tensorboard: aside(flag(false)),
  },
} as const;

/** A training's configuration: plain data, as it stands in JSON. */
export type TrainConfig = ValuesOf<typeof TRAIN_SCHEMA>;
