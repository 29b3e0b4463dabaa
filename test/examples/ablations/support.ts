import { mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAblations, type AblationConfig } from '../../../examples/ablations/config.ts';
import { textCheckpoint } from '../../cli/checkpoints.ts';

const TEXT = Array.from({ length: 40 }, (_, i) => `the cat ${i % 7} sat on the mat and sang ${i % 5} songs`)
  .join('\n\n');

/** What a comparison of a small model on a small text is made of, as its JSON file says it. */
export async function smallJson(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const checkpoint = await textCheckpoint(folder, 'v51-small');
  const text = join(folder, 'text.txt');
  await writeFile(text, TEXT);
  return {
    variants: ['learned', 'identity', 'random', 'transferred', 'dag', 'keys'], seed: 3, steps: 4, batch: 2, context: 10,
    model: { config: checkpoint.config },
    data: { paths: [text], separator: 'blank-line', validation: 0.1, shuffle: 'documents' },
    learningRate: { peak: 0.01, warmup: 1 }, validate: { every: 2 }, save: { every: 2 }, log: { every: 1 },
    prompts: ['the cat', 'sang 4 songs'],
  };
}

/** The same, read, with a folder of its own. */
export const smallConfig = (json: unknown, folder: string, ...args: readonly string[]): AblationConfig =>
  parseAblations(json, ['--out', mkdtempSync(join(folder, 'runs-')), ...args], 'ablations.json');
