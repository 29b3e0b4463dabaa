import { rewrite } from './graph.ts';
import type { DotNode, MapNode, Node } from './node.ts';
import { makeDot } from './nodes/contraction.ts';
import { makeMap } from './nodes/pointwise.ts';
import { makeQuantize } from './nodes/quantize.ts';

/**
 * A graph in which the contractions of some weights are of values in half precision, and give such values: what is
 * multiplied and the result (with a bias, where one is added) are rounded to binary16, sums are f32. All other values
 * stay as they are. Taken before `grad`, it makes the gradient's contractions of these weights half precision, too.
 *
 * @param isMatrix whether a weight of that name is one of them
 */
export const inHalfPrecision = (roots: readonly Node[], isMatrix: (weight: string) => boolean): readonly Node[] =>
  rewrite(roots, (node) => {
    if (node.kind === 'dot') return [node.a, node.b].some((x) => isViewOf(x, isMatrix)) ? halfDot(node) : node;
    return node.kind === 'map' ? roundedAfterBias(node) : node;
  });

function isViewOf(n: Node, isMatrix: (weight: string) => boolean): boolean {
  switch (n.kind) {
    case 'parameter': return isMatrix(n.name);
    case 'rename': case 'split': case 'merge': case 'slice': return isViewOf(n.x, isMatrix);
    default: return false;
  }
}

const half = (x: Node): Node => makeQuantize(x, 'f16', x.origin);

const halfDot = ({ a, b, over, origin, monoid }: DotNode): Node =>
  half(makeDot(half(a), half(b), over.name, origin, monoid));

/** A bias belongs to the contraction: one rounding serves both. */
function roundedAfterBias(sum: MapNode): Node {
  const { fn, args, dtype, origin, code } = sum;
  if (args.length !== 2 || fn.ops[fn.result].op !== 'add' || fn.ops.length !== 3) return sum;
  const [y, bias] = args[1].kind === 'parameter' ? args : [args[1], args[0]];
  if (bias.kind !== 'parameter' || y.kind !== 'quantize' || y.storage !== 'f16' || y.x.kind !== 'dot') return sum;
  return half(makeMap(fn, args.map((x) => (x === y ? y.x : x)), dtype, origin, code));
}
