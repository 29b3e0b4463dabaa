import { compile, encodeAll, type Compiled, type ProgramSource } from '../../../compiler/index.ts';
import type { Watch } from '../../../compiler/draft.ts';
import { modelGraph, prefillProgram, stepProgram } from '../../../models/pldr/index.ts';
import { storageOf } from '../../../models/pldr/storage.ts';
import { targetOf } from '../../../models/pldr/target.ts';
import type { Case, Prepared } from '../case.ts';
import { wrongResult } from '../wrong.ts';
import type { BenchModel } from './bench-model.ts';
import { programsOf } from './programs.ts';

/** Compiling a model in a process that has compiled before: graph, passes, kernels, code, but no pipelines. */
export function compileSuite(model: BenchModel): readonly Case[] {
  const plain = { suite: 'compile', dtype: model.storage, unit: 'ms' } as const;
  const { now } = model.bench;
  return [
    { ...plain, name: 'graph passes, both programs', prepare: () => compiling(model, () => passSeconds(model)) },
    {
      ...plain, name: 'both programs, from nothing',
      prepare: () => compiling(model, async () => {
        const started = now();
        compiled(model, sourcesOf(model));
        return (now() - started) / 1000;
      }),
    },
  ];
}

function sourcesOf({ config }: BenchModel): readonly ProgramSource[] {
  const graph = modelGraph(config, { batch: 1 });
  return [stepProgram(graph, 'kv+g'), prefillProgram(graph, 'kv+g')];
}

function compiled(
  { storage, bench: { device, schedules = {} } }: BenchModel, sources: readonly ProgramSource[], watch?: Watch,
): Compiled {
  return encodeAll(compile(sources, { ...targetOf(device), schedules }, undefined, storageOf(storage), watch));
}

async function compiling(model: BenchModel, run: () => Promise<number>): Promise<Prepared> {
  return {
    amount: 1, work: undefined, clock: 'host',
    /** What comes out is what a model runs whose results were compared. */
    async check() {
      const { step, prefill } = await programsOf(await model.loaded());
      const same = JSON.stringify(compiled(model, sourcesOf(model)).programs) === JSON.stringify([step, prefill]);
      if (!same) throw wrongResult('Compiling the model once more gives other programs.');
    },
    run,
    kernels: () => Promise.resolve(undefined),
    close: () => undefined,
  };
}

/** From the end of the step before each program's passes until they are done. */
async function passSeconds(model: BenchModel): Promise<number> {
  const { now } = model.bench;
  const sources = sourcesOf(model);
  let [seconds, last] = [0, now()];
  compiled(model, sources, (done) => {
    const at = now();
    if (done === 'passes') seconds += (at - last) / 1000;
    last = at;
  });
  return seconds;
}
