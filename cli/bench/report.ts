import type { WeightStorage } from '../../dsl/node.ts';
import type { Case, Clock, SuiteName, Work } from './case.ts';
import type { Measured } from './measure.ts';
import { leastTime, type Limit, type Roofs } from './roofline.ts';
import type { Spread } from './statistics.ts';
import { figureOf, isRate, type Unit } from './units.ts';

/** All that was measured, and where; plain data, as `--json` prints it. */
export interface BenchReport {
  readonly format: 1;
  readonly device: { readonly kind: string; readonly name: string };
  readonly host: {
    readonly processor: string; readonly cores: number; readonly node: string;
    /** Processes that wanted to run, over the last minute. */
    readonly load: number;
  };
  readonly settings: {
    readonly seconds: number; readonly rounds: number;
    /** Undefined where no suite needs a model. */
    readonly model?: string; readonly weights?: WeightStorage;
    /** Schedules that were found for kernels on this device, of this model or of others; undefined where there are none. */
    readonly tuned?: number;
  };
  /** What the device reaches at best, as `results` are. */
  readonly roofs: readonly Result[];
  readonly results: readonly Result[];
  readonly leftOut: readonly LeftOutCase[];
}

/** A figure in its unit over the repetitions. */
export interface Result extends Spread {
  readonly suite: SuiteName | 'roofs';
  readonly name: string;
  readonly dtype: WeightStorage;
  readonly unit: Unit;
  readonly clock: Clock;
  /** Of one repetition; left out where nothing on the device bounds it. */
  readonly work?: Work;
  readonly roof?: RoofShare;
}

/** A figure beside the best that the device's roofs allow. */
export interface RoofShare {
  readonly limit: Limit;
  /** In the figure's unit. */
  readonly figure: number;
  /** 100 · median / figure of a rate, 100 · figure / median of a time. */
  readonly percent: number;
}

export interface LeftOutCase {
  readonly suite: string;
  readonly name: string;
  readonly dtype: WeightStorage;
  readonly reason: string;
}

/** @param roofs left out for what makes the roofs */
export function resultOf(
  { suite, name, dtype, unit }: Case, { amount, work, clock, seconds }: Measured, roofs?: Roofs,
): Result {
  const figure = (s: number): number => figureOf(unit, amount, s);
  // The longest time is the lowest rate.
  const [min, max] = isRate(unit) ? [seconds.max, seconds.min] : [seconds.min, seconds.max];
  const middle = figure(seconds.median);
  const plain: Result = {
    suite, name, dtype, unit, clock, median: middle, min: figure(min), max: figure(max), runs: seconds.runs,
    ...(work === undefined ? {} : { work }),
  };
  if (work === undefined || roofs === undefined) return plain;
  const { limit, seconds: least } = leastTime(work, dtype, roofs);
  const roof = figure(least);
  return { ...plain, roof: { limit, figure: roof, percent: percentOf(unit, middle, roof) } };
}

export const percentOf = (unit: Unit, figure: number, roof: number): number =>
  100 * (isRate(unit) ? figure / roof : roof / figure);
