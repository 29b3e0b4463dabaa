// A program that reads what its scalar functions compute; how it is started decides how they are translated.
import { log, min, scalar } from '../../../dsl/scalar/index.ts';
import { STEEPNESS, logistic, sigmoid } from './reexport.ts';
import type { Curve } from './reexport.ts';

const curve: Curve = { steepness: 3 };

export const swish = scalar((x) => x * sigmoid(STEEPNESS * x));
const clipped = scalar((x: number, limit: number) => {
  const bounded: number = min(x, limit as number);
  return bounded > 1_000 ? log(bounded) : bounded ** 2 - 1e3;
});
const [first, second] = [scalar((x) => x + 1), scalar((x) => x + 2)];

const functions = { logistic, swish, clipped, first, second };
const report = Object.entries(functions).map(([name, fn]) => [name, { label: fn.label, expr: fn.expr }]);
process.stdout.write(JSON.stringify({ ...Object.fromEntries(report), called: clipped(2, 1), curve }));
