import { join } from 'node:path';
import { fieldsOf, TRAIN_SCHEMA, valueAt, type TrainConfig } from 'ricci/train';
import { html } from 'ricci/verify';
import type { Results } from '../results.ts';

const { folded, quiet, section, tag } = html;

const COMMAND = 'npm run example -- examples/ablations/ablations.ts ';

/** How all this was made, so that it can be made again. */
export function recipeSection({ config, runs }: Results): html.Html {
  const { recipe, variants, prompts, transfer, sweep, base } = config;
  const file = join(base, 'again.json');
  const shared = { variants, prompts, transfer, sweep, ...recipe };
  const [{ run: { model } }] = runs;
  return section(
    'How to make it again',
    quiet(`Everything is drawn from the seed ${recipe.seed}. Save the configuration below as ${file}, since its paths ` +
      'count from its folder, and run, in a clone of Ricci:'),
    tag('pre', {}, `${COMMAND}${file}`),
    tag('p', {}, 'It trains, studies and writes this page again; where it was interrupted, it goes on.'),
    folded('The configuration', tag('pre', {}, JSON.stringify(shared, null, 2))),
    folded('What differs from the authors’ recipe', tag('pre', {}, changes(recipe).join('\n'))),
    folded('The model of the first variant', tag('pre', {}, JSON.stringify(model, null, 2))),
  );
}

/** The keys that have another value than the authors', as `key: value`. */
function changes(recipe: TrainConfig): readonly string[] {
  return [...fieldsOf(TRAIN_SCHEMA)].flatMap(([path, { absent }]) => {
    const value = valueAt(recipe, path);
    return JSON.stringify(value) === JSON.stringify(absent) ? [] : [`${path}: ${JSON.stringify(value)}`];
  });
}
