import { compile } from '../../compiler/compile.ts';
import { draft, type Drafted, type ProgramSource } from '../../compiler/draft.ts';
import type { Target } from '../../compiler/target.ts';
import type { StorageOf } from '../../compiler/passes/narrow.ts';
import type { Program, WeightLayout } from '../../compiler/program.ts';
import type { WeightStorage } from '../../dsl/index.ts';
import {
  modelGraph, prefillProgram, stepProgram, type ModelGraph, type PldrConfig, type Variant,
} from '../../models/pldr/index.ts';
import { storageOf } from '../../models/pldr/storage.ts';

/** The programs of a model as they would run, without any weights. */
export interface Examined {
  readonly config: PldrConfig;
  readonly variant: Variant | undefined;
  readonly graph: ModelGraph;
  readonly target: Target;
  /** How each weight is kept. */
  readonly storage: StorageOf;
  readonly sources: readonly ProgramSource[];
  /** One for each source: the prompt's program and, where the model has a head, that of one more token. */
  readonly programs: readonly Program[];
  readonly layout: WeightLayout;
}

export interface ExamineOptions {
  readonly cache: 'kv' | 'kv+g';
  /** A bare checkpoint has no head, hence no program for one more token. */
  readonly hasHead: boolean;
  readonly target: Target;
  /** How large matrices are kept: as f32 where nothing is said. */
  readonly weights?: WeightStorage;
  /** How the model makes G, instead of what its configuration names. */
  readonly variant?: Variant | undefined;
}

/** A program of a model as kernels that still know which values they compute. */
export function draftOf({ sources, target, storage }: Examined, program: string): Drafted {
  const source = sources.find((s) => s.name === program);
  if (source === undefined) throw new Error(`examine: no program ${program}`);
  return draft(source, target, () => true, storage);
}

/** Compiles a model's two programs as loading it would: the step decides where weights lie, for it runs most. */
export function examine(
  config: PldrConfig, { cache, hasHead, target, weights = 'f32', variant }: ExamineOptions,
): Examined {
  const graph = modelGraph(config, { batch: 1, ...(variant === undefined ? {} : { variant }) });
  const prefill = prefillProgram(graph, cache, hasHead);
  const sources = hasHead ? [stepProgram(graph, cache), prefill] : [prefill];
  const storage = storageOf(weights);
  const { programs, layout } = compile(sources, target, undefined, storage);
  return {
    config, variant, graph, target, storage, layout,
    sources: sources.toReversed(), programs: programs.toReversed(),
  };
}
