import { html } from 'ricci/verify';
import { bestOf, isDeduced, lastState, validations, type Results, type RunResult } from '../results.ts';
import { lossCharts, type Drawn } from './charts.ts';
import { changeOfG, driftSection, operatorSection } from './drift.ts';
import { count, loss, percent } from './numbers.ts';
import { recipeSection } from './recipe.ts';
import { sweepSection } from './sweep.ts';

const { page, quiet, section, STYLE, table, tag } = html;

const OWN_STYLE = `
h3 { font-size: 1rem; margin: 1.6rem 0 0; }
.side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 0 1rem; }
.thirds { grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.side > * { min-width: 0; }
.heat { display: block; padding: .5rem .9rem; text-align: center; }
.heats td { padding: 1px; } .heats th { vertical-align: middle; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
pre { overflow-x: auto; background: #f6f8fa; padding: .8rem 1rem; font-size: 13px; }
`;

/** All results as one page of HTML that needs nothing else. */
export function reportPage(results: Results): string {
  const { runs, sweep, device } = results;
  const drawn = runs.map((result, style): Drawn => ({ name: result.run.title, style, result }));
  const [{ run: { config, model } }] = runs;
  return page(
    'Ablations of G', STYLE + OWN_STYLE,
    tag('h1', {}, 'Ablations of G'),
    quiet([
      `${model.layers} layers of ${model.heads} heads with ${model.headDim} channels`,
      `${count(config.steps)} updates of ${config.batch} × ${config.context} tokens`, `seed ${config.seed}`, device,
    ].join(' · ')),
    headline(runs),
    variants(runs),
    section('Loss and accuracy', quiet('Training is the mean of the updates since the point before. Validation is on ' +
      'documents that no training sees.'), lossCharts(drawn)),
    ...driftSection(drawn),
    operatorSection(runs),
    ...sweepSection(sweep),
    recipeSection(results),
  );
}

/** Who has the lowest validation loss, and how far learned operators move. */
function headline(runs: readonly RunResult[]): html.Html {
  const ranked = runs.flatMap((result) => {
    const best = bestOf(result);
    return best === undefined ? [] : [{ title: result.run.title, ...best }];
  }).toSorted((a, b) => a.loss - b.loss);
  const moving = runs.filter(isDeduced).map((result) => {
    const { least, most } = lastState(result).change.G_LM;
    return `${percent(least)} to ${percent(most)} (${result.run.title})`;
  });
  const [first] = ranked;
  return tag('div', {},
    ...(first === undefined ? [] : [
      tag('p', { class: 'headline' }, `${first.title}: ${loss(first.loss)}`),
      tag('p', {}, `is the lowest validation loss, in nats per token, of ${ranked.length} variants.`),
    ]),
    ...(moving.length === 0 ? []
      : [tag('p', {}, `Between two prompts, G moves at the end of training by ${moving.join(', by ')}.`)]),
  );
}

const TITLES = [
  'variant', 'trained weights', 'lowest loss', 'after updates', 'last loss', 'perplexity', 'accuracy', 'G moves by',
] as const;

const variants = (runs: readonly RunResult[]): html.Html => section(
  'Variants',
  quiet('The same texts in the same order, and the same first values of all weights that two variants share. Losses ' +
    'are those of validations, in nats per token; perplexity and accuracy are of the last. ' +
    'A learned G is made from all positions of a chunk, the later ones too, in training as in validation.'),
  table(TITLES, runs.map((result) => {
    const [best, last] = [bestOf(result), validations(result).at(-1)];
    return [
      result.run.title, count(result.parameters), loss(best?.loss), best === undefined ? '–' : count(best.step),
      loss(last?.loss), last === undefined ? '–' : Math.exp(last.loss).toFixed(1),
      last === undefined ? '–' : percent(last.accuracy), percent(changeOfG(lastState(result))),
    ];
  })),
  tag('dl', {}, ...runs.flatMap(({ run }) => [tag('dt', {}, run.title), tag('dd', {}, run.about)])),
);
