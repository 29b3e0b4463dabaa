import type { Axis } from './axis.ts';
import type { Node } from './node.ts';
import { makeDot, makeReduce } from './nodes/contraction.ts';
import { makeGather, makeScatterAdd } from './nodes/indexing.ts';
import { makeInput, makeIota, makeRandom } from './nodes/leaves.ts';
import { makeMap } from './nodes/pointwise.ts';
import { makeQuantize } from './nodes/quantize.ts';
import { makeAppend, makeCache, makeFreeze } from './nodes/staging.ts';
import { makeStopGradient } from './nodes/stop-gradient.ts';
import { makeConcat, makeMerge, makePad, makeRename, makeSlice, makeSplit } from './nodes/views.ts';

/** The values that a node is computed from, in a fixed order. */
export function operands(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'input': case 'parameter': case 'constant': case 'table': case 'iota': case 'random': return [];
    case 'map': return node.args;
    case 'concat': return node.xs;
    case 'dot': return [node.a, node.b];
    case 'gather': case 'scatterAdd': return [node.x, node.index];
    case 'append': return node.at === undefined ? [node.state, node.x] : [node.state, node.x, node.at];
    case 'quantize': case 'reduce': case 'rename': case 'split': case 'merge': case 'slice': case 'pad': case 'freeze':
    case 'cache': case 'stopGradient':
      return [node.x];
  }
}

/** Gives an axis another size; used when a program is specialised (`pos` to one token, `key` to what a cache holds). */
export type Resize = (axis: Axis) => Axis;

const keepSize: Resize = (a) => a;

/**
 * The same operation on other operands. Axes and checks are made anew, so a rewrite that breaks an axis rule fails
 * here, at the node and the user's line that it breaks.
 */
export function rebuild(node: Node, xs: readonly Node[], resize: Resize = keepSize): Node {
  const o = node.origin;
  switch (node.kind) {
    case 'input': return makeInput(node.name, node.axes.map(resize), node.dtype, o, node.storage);
    case 'parameter': case 'constant': case 'table': return node;
    case 'iota': return makeIota(resize(node.axis), o);
    case 'random': return makeRandom(node.seed, node.axes.map(resize), o);
    case 'map': return makeMap(node.fn, xs, node.dtype, o, node.code);
    case 'quantize': return makeQuantize(xs[0], node.storage, o);
    case 'reduce': return makeReduce(node.monoid, xs[0], node.over.name, o);
    case 'dot': return makeDot(xs[0], xs[1], node.over.name, o, node.monoid);
    case 'rename': return makeRename(xs[0], node.from.name, resize(node.to), o);
    case 'split': return makeSplit(xs[0], node.from.name, resize(node.outer), resize(node.inner), o);
    case 'merge': return makeMerge(xs[0], node.outer.name, node.inner.name, resize(node.to), o);
    case 'slice': return makeSlice(xs[0], node.axis.name, node.start, Number(node.axis.size), o);
    case 'pad': return makePad(xs[0], node.axis.name, node.before, padAfter(node), node.value, o);
    case 'concat': return makeConcat(xs, node.axis.name, o);
    case 'gather': return makeGather(xs[0], node.axis.name, xs[1], o);
    case 'scatterAdd': return makeScatterAdd(xs[0], xs[1], node.over.name, resize(node.to), o);
    case 'freeze': return makeFreeze(xs[0], node.label, o);
    case 'cache': return makeCache(xs[0], node.from.name, resize(node.to), node.label, o);
    case 'append': return makeAppend(xs[0], xs[1], xs[2], node.from.name, node.to.name, o);
    case 'stopGradient': return makeStopGradient(xs[0], o);
  }
}

/** How many entries a padding adds at the end. */
export function padAfter(node: Extract<Node, { kind: 'pad' }>): number {
  const inner = node.x.axes.find((a) => a.name === node.axis.name);
  return Number(node.axis.size) - node.before - Number(inner?.size);
}

/** Every node that the roots need, operands before users, each value once. */
export function topological(roots: readonly Node[]): readonly Node[] {
  const order: Node[] = [];
  const seen = new Set<string>();
  const stack: { node: Node; next: number }[] = [];
  const push = (node: Node): void => {
    if (seen.has(node.key)) return;
    seen.add(node.key);
    stack.push({ node, next: 0 });
  };
  for (const root of roots) {
    push(root);
    // An explicit stack: a decoder of many layers is deeper than the call stack.
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const kids = operands(top.node);
      if (top.next < kids.length) push(kids[top.next++]);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** Which nodes use each value directly, by key. */
export function users(roots: readonly Node[]): ReadonlyMap<string, readonly Node[]> {
  const map = new Map<string, Node[]>();
  for (const node of topological(roots)) {
    for (const x of new Set(operands(node))) {
      const list = map.get(x.key);
      if (list === undefined) map.set(x.key, [node]);
      else if (!list.includes(node)) list.push(node);
    }
  }
  return map;
}

/**
 * Makes a graph anew, operands before users: `build` receives each node with its new operands and returns what stands
 * for it. Values that share a key are built once.
 */
export function transform(
  roots: readonly Node[],
  build: (node: Node, operands: readonly Node[]) => Node,
): readonly Node[] {
  const done = new Map<string, Node>();
  for (const node of topological(roots)) {
    done.set(node.key, build(node, operands(node).map((x) => done.get(x.key) ?? x)));
  }
  return roots.map((r) => done.get(r.key) ?? r);
}

/** As `transform`, where most nodes stay as they are: `visit` receives each node over its new operands. */
export function rewrite(roots: readonly Node[], visit: (node: Node, original: Node) => Node): readonly Node[] {
  return transform(roots, (node, xs) => {
    const own = operands(node);
    const same = xs.every((x, i) => x === own[i]);
    return visit(same ? node : rebuild(node, xs), node);
  });
}
