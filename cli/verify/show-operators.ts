import { DEDUCED, type LayerFacts, type TensorFacts } from '../../verify/index.ts';
import { showTable, type Column } from '../table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'layer', right: true }, { title: '' },
  { title: 'rank', right: true }, { title: 'σ₁', right: true }, { title: 'share of σ₁', right: true },
  { title: 'log₁₀|det|', right: true }, { title: 'radius', right: true }, { title: 'rows differ by', right: true },
  { title: 'RMSE of heads', right: true },
];

/** What each layer deduced from the first prompt: the heads' range, or the largest. */
export function showOperators(layers: readonly LayerFacts[]): string {
  const rows = layers.flatMap((layer, l) => DEDUCED.map((name, i) => [i === 0 ? String(l) : '', name, ...cells(layer[name])]));
  return [
    'What each layer deduces from the first prompt: smallest … largest of its heads',
    '(rank: singular values above σ₁ · n · 2⁻²³; RMSE: over entries and pairs of heads)',
    showTable(COLUMNS, rows).replace(/^/gm, '  '),
  ].join('\n');
}

function cells({ heads, between }: TensorFacts): readonly string[] {
  const range = (of: (f: TensorFacts['heads'][number]) => number): string => {
    const [least, most] = [Math.min(...heads.map(of)), Math.max(...heads.map(of))].map(short);
    return least === most ? least : `${least} … ${most}`;
  };
  return [
    range((f) => f.rankInSingle), range((f) => f.singularValues[0]), range((f) => f.shareOfFirst),
    range((f) => f.log10Det), range((f) => f.spectralRadius), range((f) => f.rowDeviation), short(between.pairs),
  ];
}

const short = (x: number): string =>
  (Number.isInteger(x) || !Number.isFinite(x) ? String(x) : Math.abs(x) >= 1e-3 ? String(Number(x.toPrecision(3))) : x.toExponential(1));
