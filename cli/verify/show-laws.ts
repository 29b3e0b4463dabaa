import type { LawResult } from '../../verify/index.ts';

/** One law in one line. */
export function showLaw({ name, statement, largest, bound, holds }: LawResult): string {
  const found = `${largest === 0 ? '0' : largest.toExponential(1)} of ${bound.toExponential(1)}`;
  return `  ${holds ? '✓' : '✗'} ${name.padEnd(11)} ${found.padEnd(20)} ${statement}`;
}

/** What stands above the laws. */
export const LAWS_TITLE = [
  'Exact laws: the largest difference of two logits, of what roundings may make of it',
  '(ten times what rounding every value once does to these texts in the interpreter)',
].join('\n');
