import type { Bench } from './bench.ts';
import type { Case } from './case.ts';
import { latencyCases } from './latency.ts';
import { copy, triad } from './kernels/pointwise.ts';
import { matmul, matvec } from './kernels/contraction.ts';
import { kernelCase } from './kernels/kernel-case.ts';
import { multiplyAdd } from './kernels/multiply-add.ts';
import type { Measured } from './measure.ts';
import type { Bandwidth, Roofs } from './roofline.ts';

/** What a device's roofs are measured by. */
export interface RoofCases {
  readonly bandwidth: readonly Case[];
  readonly matvec: readonly Case[];
  readonly numbers: readonly Case[];
  readonly integers: readonly Case[];
  readonly dispatch: Case;
  readonly submit: Case;
  readonly readBack: Case;
}

/**
 * Memory's roof is the best of copying, adding and reading, and matvec's where only reading counts; arithmetic's, of a
 * kernel of nothing else and a product.
 */
export function roofCases(bench: Bench): RoofCases {
  const { sizes } = bench;
  const [product] = sizes.matmul.slice(-1);
  return {
    bandwidth: [
      ...sizes.copy.map((n) => kernelCase(bench, 'roofs', copy(n))),
      ...sizes.square.map((n) => kernelCase(bench, 'roofs', triad(n))),
    ],
    matvec: sizes.matvec.map((n) => kernelCase(bench, 'roofs', matvec(n, 'f32'))),
    numbers: [multiplyAdd(sizes.compute), matmul(product, 'f32')].map((k) => kernelCase(bench, 'roofs', k)),
    integers: [kernelCase(bench, 'roofs', matmul(product, 'int8'))],
    ...latencyCases(bench),
  };
}

/** The roofs that these measurements say. @param measured of every case that was not left out */
export function roofsOf(cases: RoofCases, measured: (one: Case) => Measured | undefined): Roofs {
  const found = (all: readonly Case[]): readonly Measured[] => all.map(measured).filter((m) => m !== undefined);
  // What a device reached once it can reach: the best repetition is the roof.
  const rates = (all: readonly Case[]): readonly number[] => found(all).map((m) => m.amount / m.seconds.min);
  const numbers = Math.max(...rates(cases.numbers));
  const seconds = (one: Case): number => measured(one)?.seconds.median ?? 0;
  const bandwidths = (all: readonly Case[]): readonly Bandwidth[] =>
    found(all).map(({ amount, seconds: { min } }) => ({ bytes: amount, bytesPerSecond: amount / min }));
  return {
    bandwidths: bandwidths([...cases.bandwidth, ...cases.matvec]),
    matvecs: bandwidths(cases.matvec),
    flopsPerSecond: { numbers, integers: Math.max(numbers, ...rates(cases.integers)) },
    dispatchSeconds: seconds(cases.dispatch),
    submitSeconds: seconds(cases.submit),
  };
}
