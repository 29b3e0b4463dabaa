import { deduced, deducedIn, html, type DeducedName } from 'ricci/verify';
import { isDeduced, lastState, type RunResult } from '../results.ts';
import type { Studied } from '../study.ts';
import { chart, thirds, type Drawn } from './charts.ts';
import { percent, short } from './numbers.ts';

const { quiet, section, table, tag } = html;

/** What is drawn by step: of these tensors of a run's states, so many numbers. */
interface Quantity {
  readonly title: string;
  /** What it is, as a sentence. */
  readonly about: string;
  readonly yTitle: string;
  readonly logarithmic?: boolean;
  /** What the axis holds in any case. */
  readonly holds?: readonly number[];
  readonly of: (state: Studied, tensor: DeducedName) => number | undefined;
}

const TENSORS = ['A', 'A_LM', 'G_LM'] as const satisfies readonly DeducedName[];

const QUANTITIES: readonly Quantity[] = [
  {
    title: 'Change between prompts', yTitle: 'relative change', logarithmic: true,
    about: '‖T₂ − T₁‖ / ‖T₁‖ of the tensors of two prompts, all layers together: the largest of all ordered pairs. ' +
      'It falls towards 0 where G becomes a constant of the model.',
    of: ({ change }, tensor) => change[tensor]?.most,
  },
  {
    title: 'Change since the checkpoint before', yTitle: 'relative change', logarithmic: true,
    about: 'The same between two checkpoints, of the first prompt: how far training moves the operators.',
    of: ({ moved }, tensor) => moved?.[tensor],
  },
  {
    title: 'RMSE between heads', yTitle: 'root mean square', holds: [0],
    about: 'Of the differences of entries, over all pairs of heads and all layers (table 2 of the paper).',
    of: ({ operators }, tensor) => operators[tensor]?.betweenHeads,
  },
  {
    title: 'Largest determinant', yTitle: 'log₁₀ |det|',
    about: 'log₁₀ of the largest |det| of any head (table 3). In exact numbers it is −∞ where a matrix lacks rank.',
    of: ({ operators }, tensor) => operators[tensor]?.log10Det,
  },
  {
    title: 'Numerical rank', yTitle: 'rank', holds: [0],
    about: 'Singular values above σ₁ · n · 2⁻²³, of the head that has fewest.',
    of: ({ operators }, tensor) => operators[tensor]?.rank.least,
  },
];

/** So narrow that three stand side by side on a desktop, as they are. */
const SMALL = { width: 190, height: 150 } as const;

/** How the operators change while they are trained; nothing where no run makes any from its text. */
export function driftSection(runs: readonly Drawn[]): readonly html.Html[] {
  const making = runs.filter(({ result }) => isDeduced(result));
  if (making.length === 0) return [];
  const charts = QUANTITIES.flatMap(({ title, about, of, ...axis }) => [
    tag('h3', {}, title), quiet(about),
    thirds(...TENSORS.map((tensor) => chart(
      making, ({ states }) => states.map((state) => [state.step, of(state, tensor)]),
      { ...axis, ...SMALL, title: tensor },
    ))),
  ]);
  return [section('What becomes of G', quiet(
    'A is what the deep net makes of the density, A_LM the metric tensor, G_LM the operator that queries see keys ' +
    'through. Of each checkpoint that was kept, and of the weights before any training.'), ...charts)];
}

const TITLES = [
  '', '', 'least change', 'most change', 'RMSE of heads', 'log₁₀ |det|, largest', 'rank, least', 'rank, most',
] as const;

/** Tables 2 and 3 of the paper, of the last checkpoint of each run. */
export const operatorSection = (runs: readonly RunResult[]): html.Html => section(
  'Tables 2 and 3 at the end of training',
  quiet('Of what the first prompt deduces; changes are those between prompts. An operator that is a part of the ' +
    'model changes by 0.'),
  table(TITLES, runs.flatMap((result) => rowsOf(result))),
);

const rowsOf = (result: RunResult): readonly (readonly string[])[] => {
  const { change, operators } = lastState(result);
  return deducedIn(operators).map((name, i) => {
    const [moved, { betweenHeads, log10Det, rank }] = [deduced(change, name), deduced(operators, name)];
    return [
      i === 0 ? result.run.title : '', name, percent(moved.least), percent(moved.most), short(betweenHeads),
      short(log10Det), String(rank.least), String(rank.most),
    ];
  });
};

/** The largest change of G between two prompts. */
export const changeOfG = ({ change }: Pick<Studied, 'change'>): number => change.G_LM.most;
