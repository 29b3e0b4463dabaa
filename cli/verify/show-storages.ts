import type { StorageCost } from '../../verify/storages/storage-costs.ts';
import { showBytes, showTable } from '../table.ts';

/** What each way to keep large matrices costs, as text. */
export const showStorages = (costs: readonly StorageCost[]): string => [
  'Large matrices in fewer bits (`--weights`): what becomes of the text whose perplexity is taken',
  showTable(
    [{ title: 'weights' }, ...['bytes', 'largest logit difference', 'relative', 'same token', 'loss', 'perplexity']
      .map((title) => ({ title, right: true }))],
    costs.map((c) => [
      c.storage, showBytes(c.bytes), short(c.largest), short(c.relative),
      `${(100 * c.sameToken).toFixed(1)} %`, c.loss.toFixed(4), c.perplexity.toFixed(2),
    ]),
  ).replace(/^/gm, '  '),
].join('\n');

const short = (x: number): string => (x === 0 ? '0' : x >= 0.01 ? x.toFixed(3) : x.toExponential(1));
