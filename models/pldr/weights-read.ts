import { topological } from '../../dsl/graph.ts';
import type { ParameterNode } from '../../dsl/node.ts';
import type { PldrConfig } from './config.ts';
import { head } from './decoder.ts';
import type { Variant } from './operator.ts';
import { modelGraph } from './programs.ts';

/** The weights that a model with this way of making G reads, its head included: name → shape. */
export function weightsRead(config: PldrConfig, variant: Variant): ReadonlyMap<string, readonly number[]> {
  const { axes, decoded } = modelGraph(config, { batch: 1, variant });
  const nodes = topological([head(decoded.hidden, axes, config).node]);
  return new Map(nodes.filter((n): n is ParameterNode => n.kind === 'parameter').map((n) => [n.name, shapeOf(n)]));
}

/** `parameter` takes axes of fixed size only. */
const shapeOf = ({ axes }: ParameterNode): readonly number[] => axes.map((a) => Number(a.size));
