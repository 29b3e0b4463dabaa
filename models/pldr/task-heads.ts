import { showJson } from '../../runtime/safetensors/json.ts';
import type { TensorEntry } from '../../runtime/safetensors/entry.ts';

/** Names of the heads that may replace or accompany `final_layer` (spec 11), without the model's prefix. */
export const TASK_HEAD_NAMES = ['score.weight', 'score.bias', 'qa_outputs.weight', 'qa_outputs.bias'] as const;

export const isTaskHead = (name: string): boolean => TASK_HEAD_NAMES.some((head) => head === name);

/**
 * What is wrong with the task heads: `score` is [labels, D] with an optional bias [labels] (sequences have none,
 * tokens have one); `qa_outputs` is [2, D] with a bias [2] (start and end).
 */
export function taskHeadProblems(heads: ReadonlyMap<string, TensorEntry>, hiddenSize: number): readonly string[] {
  const labels = heads.get('score.weight')?.shape[0] ?? 0;
  const expected: Readonly<Record<string, readonly number[]>> = {
    'score.weight': [labels, hiddenSize],
    'score.bias': [labels],
    'qa_outputs.weight': [2, hiddenSize],
    'qa_outputs.bias': [2],
  };
  const problems: string[] = [];
  if (heads.has('score.bias') && !heads.has('score.weight')) problems.push('missing: score.weight');
  if (heads.has('qa_outputs.bias') !== heads.has('qa_outputs.weight')) {
    problems.push(`missing: qa_outputs.${heads.has('qa_outputs.bias') ? 'weight' : 'bias'}`);
  }
  for (const [name, entry] of heads) {
    const shape = expected[name] ?? [];
    const known = name !== 'score.bias' || heads.has('score.weight');
    if (known && showJson(shape) !== showJson(entry.shape)) {
      problems.push(`${name}: expected [${shape.join(', ')}], found [${entry.shape.join(', ')}]`);
    }
  }
  return problems;
}
