import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSafetensors } from '../../../runtime/safetensors/open.ts';
import { withReader } from '../../../runtime/safetensors/reader.ts';
import { betweenHeads } from '../../../verify/operators/between-heads.ts';
import { matrixFacts, type MatrixFacts } from '../../../verify/operators/matrix-facts.ts';

/*
 * The operators that the paper's authors published for PLDRv51-110M-1 [5 layers, 14 heads, 64, 64], and what numpy
 * says of them in double precision.
 */

const [LAYERS, HEADS, SIZE] = [5, 14, 64];

type Stats = Readonly<Record<string, number>>;

interface Published {
  readonly per_layer_head: readonly (readonly Stats[])[];
  readonly heads_per_layer: readonly Stats[];
  readonly rmse_heads_all_layers_pairs: number;
  readonly max_abs_det_log10: number;
}

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/paper-G/${name}`, import.meta.url));

/** Each number of the statistics, as the facts have it. */
const SAME: Readonly<Record<string, (f: MatrixFacts) => number>> = {
  sigma_max: (f) => f.singularValues[0],
  sigma_2: (f) => f.singularValues[1],
  sigma_min: (f) => f.singularValues[SIZE - 1],
  rank_f32tol: (f) => f.rankInSingle,
  'rank_1e-12': (f) => f.rank,
  stable_rank: (f) => f.stableRank,
  energy_in_sigma1: (f) => f.shareOfFirst,
  det_sign: (f) => f.detSign,
  log10_abs_det: (f) => f.log10Det,
  spectral_radius: (f) => f.spectralRadius,
  trace: (f) => f.trace,
  fro: (f) => f.frobenius,
  max_row_deviation: (f) => f.rowDeviation,
  max_col_deviation: (f) => f.columnDeviation,
  min: (f) => f.min,
  max: (f) => f.max,
  mean: (f) => f.mean,
  std: (f) => f.deviation,
  frac_positive: (f) => f.sharePositive,
  symmetry_rel: (f) => f.asymmetry,
};

let published: Published;
let operators: readonly Float64Array[][];
let facts: readonly (readonly MatrixFacts[])[];

beforeAll(async () => {
  published = JSON.parse(readFileSync(fixture('stats.json'), 'utf8'));
  const file = await openSafetensors(fixture('G_LM_PLDRv51-110M-1.safetensors'));
  const [entry] = file.tensors.values();
  const data = await withReader((reader) => reader.readDoubles(entry));
  operators = Array.from({ length: LAYERS }, (_, l) => Array.from({ length: HEADS }, (_head, h) =>
    data.slice((l * HEADS + h) * SIZE ** 2, (l * HEADS + h + 1) * SIZE ** 2)));
  facts = operators.map((layer) => layer.map((G) => matrixFacts(G, SIZE)));
});

/** To six digits, or to what double precision leaves of a number that is small beside `scale`. */
function expectSame(got: number, expected: number, scale: number): void {
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(5e-7 * Math.abs(expected) + 1e-15 * scale);
}

describe('the published operators', () => {
  test('all statistics are known', () => {
    expect(Object.keys(SAME).sort()).toEqual(Object.keys(published.per_layer_head[0][0]).sort());
  });

  test.each(Object.entries(SAME))('%s', (name, of) => {
    facts.forEach((layer, l) => layer.forEach((f, h) => {
      expectSame(of(f), published.per_layer_head[l][h][name], f.singularValues[0]);
    }));
  });

  test('RMSE between heads, layer by layer and over all', () => {
    const between = operators.map(betweenHeads);
    between.forEach((b, l) => {
      expectSame(b.pairs, published.heads_per_layer[l]['rmse_pairs'], 0);
      expectSame(b.neighbours, published.heads_per_layer[l]['rmse_adjacent_heads'], 0);
      expectSame(b.fromMean, published.heads_per_layer[l]['rms_dev_from_head_mean'], 0);
    });
    const overall = Math.sqrt(between.reduce((sum, b) => sum + b.pairs ** 2, 0) / LAYERS);
    expectSame(overall, published.rmse_heads_all_layers_pairs, 0);
  });

  test('the largest determinant', () => {
    expectSame(Math.max(...facts.flat().map((f) => f.log10Det)), published.max_abs_det_log10, 0);
  });
});
