import type { Drafted } from '../../compiler/draft.ts';
import { operands } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import type { Place } from '../../dsl/errors.ts';
import { graphLines, type NodeLine } from '../../dsl/print.ts';

/** A value of a program's graph, named as in the whole graph. */
export interface GraphLine extends Omit<NodeLine, 'node'> {
  /** Where the user wrote it. */
  readonly place: Place | undefined;
}

/** A stored value that a kernel reads. */
export interface Read extends GraphLine {
  /** The kernel that makes it; undefined for weights, constants, inputs and states. */
  readonly from: number | undefined;
}

/** A value that a kernel stores. */
export interface Write extends GraphLine {
  /** Kernels that read it. */
  readonly to: readonly number[];
  /** As what it outlives the program: `output logits`, `state layer0.k`. */
  readonly kept: readonly string[];
}

/** What one kernel computes. */
export interface KernelGraph {
  /** Operands before users, the values that it stores among them. A value may be computed in several kernels. */
  readonly computes: readonly GraphLine[];
  readonly reads: readonly Read[];
  readonly writes: readonly Write[];
}

/** The kernels of a program as parts of its graph, in the order in which they run. */
export function kernelGraphs(drafted: Drafted): readonly KernelGraph[] {
  const { kernels } = drafted;
  const lines = linesByKey(drafted);
  const lineOf = (key: string): GraphLine => found(lines.get(key));
  const reads = kernels.map((k) => new Set(k.computations.flatMap((c) => [...c.reads])));
  const maker = new Map(kernels.flatMap((k, i) => k.computations.map((c) => [c.root.key, i] as const)));
  const kept = keptAs(drafted);
  return kernels.map((k, own): KernelGraph => {
    const computed = new Set(k.computations.flatMap((c) => [...computedFor(c.root, c.reads)]));
    const stored = [...new Set(k.computations.map((c) => c.root.key))];
    return {
      // The table of lines is in the graph's order.
      computes: [...lines].flatMap(([key, line]) => (computed.has(key) ? [line] : [])),
      reads: [...reads[own]].map((key) => ({ ...lineOf(key), from: maker.get(key) })),
      writes: stored.map((key) => ({
        ...lineOf(key),
        to: kernels.flatMap((_, i) => (i !== own && reads[i].has(key) ? [i] : [])),
        kept: kept.get(key) ?? [],
      })),
    };
  });
}

/** What lies in memory before a program runs; of all else, somebody computes it. */
const isGiven = ({ kind }: Node): boolean => kind === 'input' || kind === 'parameter' || kind === 'table';

/** Keys of the values between what is read and one stored value. */
function computedFor(root: Node, reads: ReadonlySet<string>): ReadonlySet<string> {
  const keys = new Set([root.key]);
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const x of operands(node)) {
      if (keys.has(x.key) || reads.has(x.key) || isGiven(x)) continue;
      keys.add(x.key);
      stack.push(x);
    }
  }
  return keys;
}

/** Every value of the graph by its key, operands before users. */
function linesByKey({ outputs, states }: Drafted): ReadonlyMap<string, GraphLine> {
  const lines = graphLines([...outputs, ...states].map(([, node]) => node));
  return new Map(lines.map(({ node, ...line }) => [node.key, { ...line, place: node.origin.place }]));
}

function keptAs({ outputs, states }: Drafted): ReadonlyMap<string, readonly string[]> {
  const kept = new Map<string, readonly string[]>();
  const named = [...outputs.map(([name, n]) => [`output ${name}`, n] as const),
    ...states.map(([name, n]) => [`state ${name}`, n] as const)];
  for (const [name, { key }] of named) kept.set(key, [...(kept.get(key) ?? []), name]);
  return kept;
}

function found(line: GraphLine | undefined): GraphLine {
  if (line === undefined) throw new Error('kernel-graph: a kernel computes what the graph lacks');
  return line;
}
