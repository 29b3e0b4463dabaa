import { compile } from '../../compiler/compile.ts';
import type { WeightStorage } from '../../dsl/node.ts';
import { modelGraph, prefillProgram, stepProgram, targetOf, type PldrConfig, type Variant } from '../../models/pldr/index.ts';
import { storageOf } from '../../models/pldr/storage.ts';
import type { Device } from '../../runtime/device.ts';
import type { Subject } from './subject.ts';

export interface SubjectOptions {
  readonly hasHead: boolean;
  readonly weights: WeightStorage;
  readonly variant: Variant | undefined;
  /** Tokens of the prompt that is timed, and that lie in the caches of the step that is. */
  readonly prompt: number;
}

/** The programs that a model generates with: the prompt's, and that of one more token. */
export function modelSubject(
  device: Device, config: PldrConfig, { hasHead, weights, variant, prompt }: SubjectOptions,
): Subject {
  const graph = modelGraph(config, { batch: 1, ...(variant === undefined ? {} : { variant }) });
  const prefill = prefillProgram(graph, 'kv+g', hasHead);
  const sources = hasHead ? [stepProgram(graph, 'kv+g'), prefill] : [prefill];
  const [target, storage] = [targetOf(device), storageOf(weights)];
  const { layout } = compile(sources, target, undefined, storage);
  return {
    device, target, sources, storage, layout,
    sizes: ({ sizes }) => Object.fromEntries(sizes.map(({ name, max }) => [name, Math.min(max, prompt)])),
  };
}
