import { join } from 'node:path';
import { bundledModel } from '../../cli/package-root.ts';
import { draft } from '../../compiler/draft.ts';
import { CPU_TARGET } from '../../compiler/target.ts';
import { loadConfig, modelGraph, stepProgram } from '../../models/pldr/index.ts';

/** The keys of the kernels of a model's step. With `--print` this module is a script that prints them. */
export async function keysOfModel(): Promise<readonly string[]> {
  const config = await loadConfig(join(bundledModel(), 'config.json'));
  const step = stepProgram(modelGraph(config, { batch: 1 }), 'kv+g');
  return draft(step, CPU_TARGET).kernels.flatMap((k) => k.computations.map((c) => c.kind.root.key));
}

if (process.argv.includes('--print')) process.stdout.write(JSON.stringify(await keysOfModel()));
