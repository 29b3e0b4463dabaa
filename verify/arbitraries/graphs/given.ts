import type { Environment } from '../../../compiler/interpret/interpret.ts';
import type { Node } from '../../../dsl/node.ts';

/** A graph, and values for all that it is given: `interpret(outputs, env)` runs it. */
export interface GivenGraph {
  readonly outputs: readonly Node[];
  readonly env: Environment;
}
