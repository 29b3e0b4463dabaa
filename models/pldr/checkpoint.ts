import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RicciError } from '../../dsl/errors.ts';
import type { TensorEntry, TensorFile } from '../../runtime/safetensors/entry.ts';
import { openSafetensors } from '../../runtime/safetensors/open.ts';
import { problemsError } from '../../runtime/safetensors/problems.ts';
import { openSharded } from '../../runtime/safetensors/sharded.ts';
import { checkGivenG } from './checkpoint-given-g.ts';
import { tensorProblems } from './checkpoint-tensors.ts';
import { loadConfig } from './config.ts';
import type { PldrConfig } from './config.ts';
import type { Variant } from './operator.ts';
import { GIVEN_G } from './parameters.ts';
import { isTaskHead, taskHeadProblems } from './task-heads.ts';
import { weightsRead } from './weights-read.ts';

/** A checkpoint folder whose tensors match its configuration; the weights themselves are not read yet. */
export interface Checkpoint {
  readonly config: PldrConfig;
  /** By canonical name (`parameterShapes`), also where the file leaves the `decoder.` prefix out. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Whether `final_layer` is there; without it the model yields hidden states, no logits. */
  readonly hasHead: boolean;
  /** `score.*` and `qa_outputs.*`, as far as present. */
  readonly heads: ReadonlyMap<string, TensorEntry>;
  /** The given operator [L, 3, 1, H, d, d]; undefined when G is learned, or is not in the file. */
  readonly givenG: TensorEntry | undefined;
  /** Path of tokenizer.model, when the folder has one. */
  readonly tokenizerFile: string | undefined;
}

export interface OpenOptions {
  /** The caller provides G itself, so that a file without one is fine. Default false. */
  readonly suppliesG?: boolean;
  /** How the model makes G, instead of what its configuration names: the file must hold the weights that this reads. */
  readonly variant?: Variant | undefined;
}

/**
 * Opens a checkpoint folder in Hugging Face's layout: config.json, model.safetensors or
 * model.safetensors.index.json with its shards, and perhaps tokenizer.model.
 * @throws RicciError `checkpoint/missing-weights`; `checkpoint/tensors` with every tensor that is missing,
 * unexpected, wrongly shaped or of a wrong dtype; `checkpoint/missing-g` when a random or external G is not in the
 * file; `config/...` and `weights/...` for the single files
 */
export async function openCheckpoint(dir: string, options: OpenOptions = {}): Promise<Checkpoint> {
  const config = await loadConfig(join(dir, 'config.json'));
  const files = await readdir(dir);
  const weights = await openWeights(dir, files);
  const all = canonicalNames(weights.tensors);
  const heads = new Map([...all].filter(([name]) => isTaskHead(name)));
  const tensors = new Map([...all].filter(([name]) => !isTaskHead(name)));
  const hasHead = [...tensors.keys()].some((name) => name.startsWith('final_layer.'));
  const mayLackHead = heads.size > 0 || isBare(weights.tensors);
  const { variant, suppliesG = false } = options;
  const reads = variant === undefined ? undefined : weightsRead(config, variant);
  const problems = [
    ...tensorProblems(config, tensors, { headExpected: hasHead || !mayLackHead, reads }),
    ...taskHeadProblems(heads, config.hiddenSize),
  ];
  if (problems.length > 0) throw variant === undefined ? mismatch(dir, problems) : misfit(dir, problems);
  const usable = await checkGivenG(dir, config, tensors, suppliesG || variant !== undefined);
  return {
    config,
    tensors,
    hasHead,
    heads,
    givenG: usable ? tensors.get(GIVEN_G) : undefined,
    tokenizerFile: files.includes('tokenizer.model') ? join(dir, 'tokenizer.model') : undefined,
  };
}

async function openWeights(dir: string, files: readonly string[]): Promise<TensorFile> {
  if (files.includes('model.safetensors')) return openSafetensors(join(dir, 'model.safetensors'));
  if (files.includes('model.safetensors.index.json')) return openSharded(join(dir, 'model.safetensors.index.json'));
  const pickled = files.find((file) => /\.(bin|pth|pt)$/.test(file));
  throw new RicciError({
    code: 'checkpoint/missing-weights',
    message: `${dir} holds neither model.safetensors nor model.safetensors.index.json.`,
    hint:
      pickled === undefined
        ? 'Finish the download of this checkpoint.'
        : `${pickled} is a PyTorch pickle: convert its state dict to safetensors; the tensor names stay as they are.`,
  });
}

/** A checkpoint of the headless base model, whose names lack the `decoder.` prefix. */
const isBare = (tensors: ReadonlyMap<string, unknown>): boolean => {
  const names = [...tensors.keys()];
  const rooted = names.some((name) => name.startsWith('decoder.'));
  return !rooted && names.some((name) => /^(embedding|dec_layers)\./.test(name));
};

function canonicalNames(tensors: ReadonlyMap<string, TensorEntry>): ReadonlyMap<string, TensorEntry> {
  if (!isBare(tensors)) return tensors;
  const rename = (name: string): string =>
    isTaskHead(name) || name.startsWith('final_layer.') ? name : `decoder.${name}`;
  return new Map([...tensors].map(([name, entry]) => [rename(name), entry]));
}

const mismatch = (dir: string, problems: readonly string[]): RicciError =>
  problemsError({
    code: 'checkpoint/tensors',
    subject: `The weights in ${dir} do not fit its config.json`,
    problems,
    hint: 'Check that config.json belongs to these weights (A_dff, num_reslayerA, custom_G_type, the bias flags).',
  });

const misfit = (dir: string, problems: readonly string[]): RicciError =>
  problemsError({
    code: 'checkpoint/tensors',
    subject: `The weights in ${dir} do not fit the variant`,
    problems,
    hint: 'A variant reads weights by their names in the checkpoint: train one with it, or read only what is there.',
  });
