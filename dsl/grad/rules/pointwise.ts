import { axisNamed } from '../../axis.ts';
import type { MapNode, Node } from '../../node.ts';
import { ExprBuilder, mapOperands } from '../../scalar/builder.ts';
import { derivative } from '../../scalar/derivative.ts';
import type { ScalarExpr } from '../../scalar/expr.ts';
import { simplify } from '../../scalar/simplify.ts';
import { apply, multiply } from '../apply.ts';
import { sumTo } from '../contract.ts';
import type { Contribution } from '../contribution.ts';
import { factors } from '../factors.ts';

/** y = f(x₁, x₂, …): the adjoint of xᵢ is that of y times ∂f/∂xᵢ, summed over the axes that xᵢ lacks. */
export function mapRule(node: MapNode, g: Node, wanted: (x: Node) => boolean): readonly Contribution[] {
  const args = [...new Map(node.args.map((x) => [x.key, x])).values()];
  const fn = ofDistinct(node, args);
  return args.filter(wanted).flatMap((to) => {
    const slope = slopeOf(fn, args.indexOf(to));
    return valueOf(slope) === 0 ? [] : [{ to, value: summedProduct(node, slope, [...args, node, g], to) }];
  });
}

/** The number that a function is, where it is one. */
function valueOf({ ops, result }: ScalarExpr): number | undefined {
  const op = ops[result];
  return op.op === 'const' ? op.value : undefined;
}

/** The function with values that are given twice as one argument: its derivative has both uses. */
function ofDistinct(node: MapNode, args: readonly Node[]): ScalarExpr {
  const builder = new ExprBuilder();
  const positions = node.args.map((x) =>
    builder.emit({ op: 'arg', index: args.findIndex((a) => a.key === x.key) }));
  return builder.finish(args.length, builder.inline(node.fn, positions));
}

/**
 * ∂f/∂xᵢ as a function of the arguments and, after them, of f's own value: e^x is the derivative of e^x, and need not
 * be computed twice.
 */
function slopeOf(fn: ScalarExpr, index: number): ScalarExpr {
  const slope = derivative(fn, index);
  const builder = new ExprBuilder(true);
  const args = Array.from({ length: fn.arity }, (_, i) => builder.emit({ op: 'arg', index: i }));
  const value = builder.inline(simplify(fn), args);
  const isPlain = builder.at(value).op === 'arg' || builder.at(value).op === 'const';
  const own = builder.emit({ op: 'arg', index: fn.arity });
  const moved: number[] = [];
  for (const op of slope.ops) {
    const at = builder.emit(mapOperands(op, (from) => moved[from]));
    moved.push(at === value && !isPlain ? own : at);
  }
  return builder.finish(fn.arity + 1, moved[slope.result]);
}

/** The slope times the adjoint, summed; factors that do not vary along what is summed over are taken out of the sum. */
function summedProduct(node: MapNode, slope: ScalarExpr, args: readonly Node[], to: Node): Node {
  const builder = new ExprBuilder(true);
  const positions = args.map((_, index) => builder.emit({ op: 'arg', index }));
  const product = builder.emit({
    op: 'mul', a: positions[args.length - 1], b: builder.inline(slope, positions.slice(0, -1)),
  });
  const whole = simplify(builder.finish(args.length, product));
  const summed = node.axes.filter((a) => axisNamed(to.axes, a.name) === undefined);
  if (summed.length === 0) return apply(whole, args, node.origin);
  const varies = (x: Node): boolean => x.axes.some((a) => axisNamed(summed, a.name) !== undefined);
  const { inside, outside } = factors(whole, (index) => varies(args[index]));
  const total = sumTo(apply(inside, args, node.origin), node.axes, to.axes, node.origin);
  return multiply(apply(outside, args, node.origin), total, node.origin);
}
