import {
  layerNorm, linear, map, mul, parameter, silu, tensorOf, type Axis, type Has, type Tensor,
} from '../../dsl/index.ts';

/*
 * Layers by the names of their weights in a checkpoint. Linear layers store [out, in].
 */

/** Layer norm with `name`.weight and `name`.bias. */
export function norm<A extends string, X extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, over: Axis<X>, name: string, epsilon: number,
): Tensor<A> {
  return layerNorm(x, over, parameter(`${name}.weight`, [over]), parameter(`${name}.bias`, [over]), epsilon);
}

/** Linear layer with `name`.weight and, if it has one, `name`.bias. */
export function project<A extends string, X extends string, Y extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, from: Axis<X>, to: Axis<Y>, name: string, hasBias: boolean,
): Tensor<Exclude<A, X> | Exclude<Y, X>> {
  const weight: Tensor<X | Y> = parameter<X | Y>(`${name}.weight`, [to, from]);
  return linear(x, from, weight, hasBias ? parameter(`${name}.bias`, [to]) : undefined);
}

/**
 * Gated linear unit: W₃(silu(W₁x + b₁) · (W₂x + b₂)) + b₃, back to the axis it came from. Shazeer, arXiv 2002.05202.
 */
export function gatedUnit<A extends string, X extends string, Y extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, over: Axis<X>, inner: Axis<Y>, name: string, hasBias: boolean,
): Tensor<A> {
  const gate = map(silu, project(x, over, inner, `${name}.gluw1`, hasBias));
  const up = project(x, over, inner, `${name}.gluw2`, hasBias);
  const hidden = tensorOf<Y>(mul(gate, up).node);
  return tensorOf(project(hidden, inner, over, `${name}.gluw3`, hasBias).node);
}
