import { topological } from '../dsl/graph.ts';
import type { InputNode, Node } from '../dsl/node.ts';
import { makeParameter } from '../dsl/nodes/leaves.ts';
import { parametersOf } from './assemble.ts';
import type { Compiled } from './compile.ts';
import type { Drafted } from './draft.ts';
import { finish } from './finish.ts';
import type { Computation } from './fuse/fuse.ts';
import type { Kind } from './fuse/kind.ts';
import { lower } from './lower/lower.ts';
import { layoutWeights } from './plan/weights.ts';
import type { Target } from './target.ts';

/**
 * The program of one kernel alone, as it is made where it is part of a larger one: what it loads are inputs of the names
 * that its kind gives them (weights in fewer bits are parameters), and what it makes is its output `out`.
 */
export function compileKind(kind: Kind, target: Target): Compiled {
  const all = topological([kind.root]);
  const standIns = new Map(all.flatMap((n): (readonly [string, Node])[] => (n.kind === 'input' ? [[n.key, standIn(n)]] : [])));
  const values = new Map([...standIns].map(([key, n]): [string, string] => [key, n.key])).set(kind.root.key, kind.root.key);
  const reads = new Set([...kind.loads].map((name) => values.get(name) ?? name));
  const computation: Computation = { kind, values, root: kind.root, reads };
  const nodes = new Map(all.map((n) => standIns.get(n.key) ?? n).map((n) => [n.key, n]));
  const [nests] = lower([computation], target.profile, target.schedules);
  const drafted: Drafted = {
    source: { name: 'kernel', outputs: { out: kind.root } }, outputs: [['out', kind.root]], states: [], nodes,
    kernels: [{ computations: [computation], nests }], derived: new Map(), overwrites: new Map(),
  };
  const layout = layoutWeights(drafted.kernels.map((k) => parametersOf(k, nodes, new Map())), target.bufferBytes);
  return { programs: [finish(drafted, layout, target, () => undefined)], layout };
}

/** Lanes read values in fewer bits from weights alone. */
const standIn = (n: InputNode): Node =>
  (n.storage === 'bf16' || n.storage === 'f16' || n.storage === 'int8'
    ? makeParameter(n.name, n.axes, n.dtype, n.origin, n.storage)
    : n);
