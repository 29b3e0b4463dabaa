import { axis, axisNamed, sameSize, type Axis } from '../../dsl/axis.ts';
import { RicciError } from '../../dsl/errors.ts';
import { operands, rebuild, rewrite, topological, transform } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { makeConstant, makeInput, makeParameter } from '../../dsl/nodes/leaves.ts';
import { lookedAlong } from './masks.ts';

/*
 * Smaller graphs than a given one. Where what hides later positions stays, a graph whose caches are right stays right:
 * no value comes out of its `freeze` or `cache`. So a fault of the smaller graph is a fault of the given one.
 */

/** Values below a value that may stand for it: the nearest ones. */
const NEAREST = 4;

/** Graphs in which something simpler stands for one value, the simplest first. */
export function* withSimpler(root: Node, node: Node, pos: string): Generator<Node> {
  for (const simpler of simplerThan(root, node)) {
    const made = built(() => rewrite([root], (n, original) => (original.key === node.key ? simpler : n))[0]);
    if (made !== undefined && isResult(made, root, pos)) yield made;
  }
}

/** A result has positions, and gets nothing to look along: programs of a step have other sizes there. */
const isResult = (made: Node, before: Node, pos: string): boolean => axisNamed(made.axes, pos) !== undefined
  && lookedAlong(made, pos).every((name) => axisNamed(before.axes, name) !== undefined);

function simplerThan(root: Node, node: Node): readonly Node[] {
  const { dtype, origin } = node;
  const one = node.kind === 'constant' ? [] : [makeConstant(1, dtype, origin)];
  const isLeaf = operands(node).length === 0 && node.kind !== 'table' && node.kind !== 'random';
  const given = isLeaf || node.axes.length === 0 ? [] : [makeInput(freeName(root), node.axes, dtype, origin)];
  // A result may have any axes, as long as it has positions.
  const below = node.key === root.key ? operands(node) : [];
  return [...one, ...given, ...below, ...alike(node)];
}

function freeName(root: Node): string {
  const taken = new Set(topological([root]).map((n) => (n.kind === 'input' || n.kind === 'parameter' ? n.name : '')));
  let i = 1;
  while (taken.has(`u${i}`)) i++;
  return `u${i}`;
}

/** The nearest values over the same axes that a value is made of, not of what is kept. */
function alike(node: Node): readonly Node[] {
  const found: Node[] = [];
  const seen = new Set<string>();
  let level: readonly Node[] = [node];
  while (level.length > 0 && found.length < NEAREST) {
    const below = level.flatMap((n) => (n.kind === 'freeze' || n.kind === 'cache' ? [] : operands(n)));
    level = [...new Map(below.map((n) => [n.key, n])).values()].filter((n) => !seen.has(n.key));
    level.forEach((n) => seen.add(n.key));
    found.push(...level.filter((n) => n.dtype === node.dtype && sameAxes(n, node)));
  }
  return found.slice(0, NEAREST);
}

const sameAxes = (x: Node, y: Node): boolean => x.axes.length === y.axes.length && x.axes.every((a) => {
  const b = axisNamed(y.axes, a.name);
  return b !== undefined && sameSize(a.size, b.size);
});

/** Graphs in which axes have fewer entries: all axes of one size, since they may be renamed to one another, or one. */
export function* withSmallerAxes(root: Node): Generator<Node> {
  const axes = topological([root]).flatMap((n) => n.axes);
  const sizes = new Set(axes.flatMap(({ size }) => (typeof size === 'number' ? [size] : [])));
  for (const size of sizes) {
    yield* withFewer(root, size, (a) => a.size === size);
    for (const name of new Set(axes.flatMap((a) => (a.size === size ? [a.name] : [])))) {
      yield* withFewer(root, size, (a) => a.size === size && a.name === name);
    }
  }
}

function* withFewer(root: Node, size: number, isMeant: (a: Axis) => boolean): Generator<Node> {
  for (const fewer of [1, 2].filter((n) => n < size)) {
    const made = built(() => resized(root, (a) => (isMeant(a) ? axis(a.name, fewer) : a)));
    if (made !== undefined) yield made;
  }
}

const resized = (root: Node, resize: (a: Axis) => Axis): Node => transform([root], (node, xs) =>
  (node.kind === 'parameter'
    ? makeParameter(node.name, node.axes.map(resize), node.dtype, node.origin, node.storage)
    : rebuild(node, xs, resize)))[0];

/** Undefined where the language refuses the graph. */
function built(make: () => Node): Node | undefined {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof RicciError) return undefined;
    throw thrown;
  }
}
