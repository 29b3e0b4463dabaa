import type { Monoid } from '../../../dsl/node.ts';

/** What a kernel's statements need of its module; it is noted while they are written. */
export class Needs {
  /** Monoids of totals that lanes add up together. */
  readonly totals = new Set<Monoid>();
  /** Whether lanes take values from each other. */
  spreads = false;
  /** Whether totals are dealt to lanes. */
  deals = false;
}
