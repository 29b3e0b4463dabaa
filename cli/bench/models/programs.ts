import type { Program } from '../../../compiler/program.ts';
import { prefillProgram, stepProgram, type PldrModel } from '../../../models/pldr/index.ts';
import { programKey } from '../../../models/pldr/model.ts';

/** The two programs that a model generates with. */
export async function programsOf(model: PldrModel): Promise<{ readonly prefill: Program; readonly step: Program }> {
  const key = (name: string): string => programKey(name, 'kv+g', 1, 'model');
  const graph = () => model.graph(1, 'model');
  return {
    prefill: await model.program(key('prefill'), () => prefillProgram(graph(), 'kv+g')),
    step: await model.program(key('step'), () => stepProgram(graph(), 'kv+g')),
  };
}
