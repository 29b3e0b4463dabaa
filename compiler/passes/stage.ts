import type { Axis } from '../../dsl/axis.ts';
import { RicciError } from '../../dsl/errors.ts';
import { operands, rebuild, topological, transform } from '../../dsl/graph.ts';
import type { CacheNode, FreezeNode, IotaNode, Node } from '../../dsl/node.ts';
import { makeInput, makeIota } from '../../dsl/nodes/leaves.ts';
import { makeMap } from '../../dsl/nodes/pointwise.ts';
import type { ScalarExpr } from '../../dsl/scalar/expr.ts';
import { isView } from '../fuse/cost.ts';
import { makeAppend } from '../../dsl/nodes/staging.ts';
import { makeRename } from '../../dsl/nodes/views.ts';

/*
 * stage: one graph → the graph of one program, by binding time.
 * `freeze` and `cache` are where a graph may be cut. A value that the program is given (it was produced earlier)
 * becomes an input; what only it needed is then unreachable, which is all that "not running the net again" is.
 */

export interface StageOptions {
  /** Labels of frozen values that this program takes as they are; others are computed. */
  readonly supplied: ReadonlySet<string>;
  /** Labels of frozen values that this program keeps for later ones. */
  readonly kept: ReadonlySet<string>;
  /**
   * - `none`: caches are plain renames, nothing is kept;
   * - `fill`: caches are renames, and their rows are kept for later programs;
   * - `append`: caches hold earlier rows; this program adds its own.
   */
  readonly caches: 'none' | 'fill' | 'append';
  /** With `append`: how the sizes of axes change (the new rows; all rows so far). */
  readonly resize?: (axis: Axis) => Axis;
  /** With `append`: the axis of the new rows, which `resize` makes shorter. */
  readonly rows?: string;
  /** With `append`: the index of the first new row, an i32 value. */
  readonly start?: Node;
}

export interface Staged {
  readonly outputs: readonly Node[];
  /** State by label: the value that this program leaves there. */
  readonly states: ReadonlyMap<string, Node>;
}

/** The name of the input that stands for a state. */
export const stateInput = (label: string): string => `state:${label}`;

/** The label of a state's input, or undefined for other inputs. */
export const stateLabel = (name: string): string | undefined => (name.startsWith('state:') ? name.slice(6) : undefined);

/** @throws `stage/label-twice` when two different values carry one label. */
export function stage(outputs: readonly Node[], options: StageOptions): Staged {
  checkLabels(outputs);
  const states = new Map<string, Node>();
  const resize = options.resize ?? ((a: Axis) => a);
  const staged = transform(outputs, (node, xs) => {
    switch (node.kind) {
      case 'freeze': return frozen(node, xs[0], options, states);
      case 'cache': return cached(node, xs[0], resize(node.to), options, states);
      case 'iota': return shifted(node, resize(node.axis), options);
      default: return rebuild(node, xs, resize);
    }
  });
  return { outputs: staged, states: reachableStates(staged, states, options) };
}

/** A state is left behind by a program when it appends to it, or when it is asked to keep it. */
function reachableStates(
  outputs: readonly Node[],
  states: ReadonlyMap<string, Node>,
  options: StageOptions,
): ReadonlyMap<string, Node> {
  if (options.caches !== 'append') return states;
  const reached = new Set(topological(outputs).map((n) => n.key));
  return new Map([...states].filter(([, node]) => reached.has(node.key)));
}

function frozen(node: FreezeNode, x: Node, options: StageOptions, states: Map<string, Node>): Node {
  // Nothing is saved where nothing is computed: a part of a weight is there in every program.
  if (isWeight(x)) return x;
  if (options.supplied.has(node.label)) return makeInput(stateInput(node.label), x.axes, x.dtype, node.origin);
  if (options.kept.has(node.label)) states.set(node.label, x);
  return x;
}

function cached(node: CacheNode, x: Node, to: Axis, options: StageOptions, states: Map<string, Node>): Node {
  if (options.caches === 'append') {
    const axes = x.axes.map((a) => (a.name === node.from.name ? to : a));
    const state = makeInput(stateInput(node.label), axes, x.dtype, node.origin);
    const appended = makeAppend(state, x, options.start, node.from.name, to.name, node.origin);
    states.set(node.label, appended);
    return appended;
  }
  if (options.caches === 'fill') states.set(node.label, x);
  return makeRename(x, node.from.name, to, node.origin);
}

/** Whether a value is a weight or a part of one at a fixed place. */
function isWeight(x: Node): boolean {
  if (x.kind === 'gather') return x.index.kind === 'constant' && isWeight(x.x);
  return x.kind === 'parameter' || x.kind === 'table' || (isView(x) && operands(x).every(isWeight));
}

/** Where the new rows are a part of all rows, their index counts from the first of them. */
function shifted(node: IotaNode, axis: Axis, { start, rows }: StageOptions): Node {
  const own = makeIota(axis, node.origin);
  if (start === undefined || axis.name !== rows) return own;
  return axis.size === 1 ? start : makeMap(SUM, [start, own], 'i32', node.origin);
}

const SUM: ScalarExpr = {
  arity: 2, ops: [{ op: 'arg', index: 0 }, { op: 'arg', index: 1 }, { op: 'add', a: 0, b: 1 }], result: 2,
};

function checkLabels(outputs: readonly Node[]): void {
  const seen = new Map<string, Node>();
  for (const node of topological(outputs)) {
    if (node.kind !== 'freeze' && node.kind !== 'cache') continue;
    const other = seen.get(node.label);
    if (other !== undefined && other.key !== node.key) {
      throw new RicciError({
        code: 'stage/label-twice',
        message: `Two different values are called "${node.label}".`,
        hint: 'Give every freeze and cache a label of its own, for example with the number of its layer.',
        place: node.origin.place,
      });
    }
    seen.set(node.label, node);
  }
}
