import { exp } from '../../../dsl/scalar/math.ts';
import { scalar } from '../../../dsl/scalar/scalar.ts';

export interface Curve {
  readonly steepness: number;
}

export const STEEPNESS = 2 * Math.LN2;

export const logistic = scalar((x: number): number => 1 / (1 + exp(-x)));
