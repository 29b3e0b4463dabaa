import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { BASE_TARGET, type Target } from '../../compiler/target.ts';
import type { Kernel } from '../../compiler/program.ts';
import { add, axis, dot, input, layerNorm, map, mul, parameter, silu, type Tensor } from '../../dsl/index.ts';

const [Row, Embed, Inner] = [axis('row', 1), axis('embed', 64), axis('inner', 96)];
const WIDE: Target = { ...BASE_TARGET, storageBuffers: 16 };

/** A gated unit between two norms: what a step of a decoder does after its attention. */
function decoderHalf(rows = Row): Tensor<'row' | 'embed'> {
  const normed = (x: Tensor<'row' | 'embed'>, name: string): Tensor<'row' | 'embed'> =>
    layerNorm(x, Embed, parameter(`${name}.gain`, [Embed]), parameter(`${name}.bias`, [Embed]), 1e-6);
  const h = normed(input('x', [rows, Embed]), 'first');
  const gate = map(silu, dot(h, parameter('gate', [Inner, Embed]), Embed));
  const hidden = mul(gate, dot(h, parameter('up', [Inner, Embed]), Embed));
  return normed(add(dot(hidden, parameter('down', [Embed, Inner]), Inner), h), 'second');
}

const kernelsOf = (x: Tensor<'row' | 'embed'>, target: Target): readonly Kernel[] =>
  compile([{ name: 'half', outputs: { out: x.node } }], target).programs[0].kernels;

describe('a row that contractions read', () => {
  test('is made by each of them, beside the kernel that stores it for others', () => {
    const [first, ...others] = kernelsOf(decoderHalf(), WIDE);
    expect(first.bindings.map((b) => b.region.space).filter((space) => space === 'arena')).toHaveLength(2);
    expect(others).toHaveLength(2);
  });

  test('is made once where it is one of many', () => {
    expect(kernelsOf(decoderHalf(axis('row', 12)), WIDE)).toHaveLength(4);
  });
});
