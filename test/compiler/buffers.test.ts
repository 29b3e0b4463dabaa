import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { compile } from '../../compiler/compile.ts';
import { BASE_TARGET } from '../../compiler/target.ts';
import { add, axis, exp, input, type Tensor } from '../../dsl/index.ts';

const Row = axis('row', 5);

/** f(x₀) + f(x₁) + …: one elementwise kernel, were there no limit on what a kernel may bind. */
function sumOfMany(count: number): Tensor<'row'> {
  const terms = Array.from({ length: count }, (_, i) => exp(input(`x${i}`, [Row])));
  return terms.reduce((a, b) => add(a, b));
}

describe('the limit of storage buffers', () => {
  test('law: no kernel binds more than the target allows, and few kernels are needed', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 4, max: 16 }), (count, storageBuffers) => {
      const { programs: [p] } = compile(
        [{ name: 'sum', outputs: { y: sumOfMany(count).node } }],
        { ...BASE_TARGET, storageBuffers },
      );
      for (const k of p.kernels) expect(k.bindings.length).toBeLessThanOrEqual(storageBuffers);
      expect(p.kernels.length).toBeLessThanOrEqual(Math.ceil(count / (storageBuffers - 2)));
    }));
  });
});
