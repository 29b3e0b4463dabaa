import { OPERATOR_TITLES, operatorRows, type LayerFacts } from '../../verify/index.ts';
import { showTable } from '../table.ts';

/** What each layer deduced from the first prompt, or has for its operator. */
export const showOperators = (layers: readonly LayerFacts[]): string => [
  'Operators of the first prompt: of each layer, the smallest … largest of its heads',
  '(rank: singular values above σ₁ · n · 2⁻²³; RMSE: over entries and pairs of heads)',
  showTable(OPERATOR_TITLES.map((title) => ({ title, right: title !== '' })), operatorRows(layers)).replace(/^/gm, '  '),
].join('\n');
