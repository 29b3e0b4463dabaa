import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axis, symbol } from '../../dsl/axis.ts';
import {
  add, cache, div, dot, exp, input, iota, lessEqual, max, mul, parameter, sub, sum, tanh, where,
} from '../../dsl/index.ts';
import type { Tensor } from '../../dsl/tensor.ts';
import { interpret } from '../../compiler/interpret/interpret.ts';
import { sliced } from '../../verify/caches/dense.ts';
import { readNext, readPrompt } from '../../verify/caches/read.ts';
import { stagedModel, type CachedModel } from '../../verify/caches/staged.ts';
import { environmentFor } from '../../verify/arbitraries/graphs/values.ts';
import { runs } from '../support/runs.ts';
import { relativeDifference } from '../support/same.ts';

const MAX = 9;
const Batch = axis('batch', 2);
const Embed = axis('embed', 4);
const Head = axis('head', 3);
const Pos = axis('pos', symbol('pos', MAX));
const Key = axis('key', symbol('pos', MAX));

/** Causal attention with a residual, keys and values in caches. */
function layer(x: Tensor<'batch' | 'pos' | 'embed'>, i: number): Tensor<'batch' | 'pos' | 'embed'> {
  const project = (name: string) => dot(x, parameter(`${name}${i}`, [Embed, Head]), Embed);
  const k = cache(project('k'), Pos, Key, `k${i}`);
  const v = cache(project('v'), Pos, Key, `v${i}`);
  const scores = where(lessEqual(iota(Key), iota(Pos)), dot(project('q'), k, Head), -1e9);
  const powers = exp(sub(scores, max(scores, Key)));
  const mixed = dot(div(powers, sum(powers, Key)), v, Key);
  return add(x, tanh(dot(mixed, parameter(`o${i}`, [Embed, Head]), Head)));
}

const x = input('x', [Batch, Pos, Embed]);
const positions = mul(iota(Pos), 0.25);
const output = layer(layer(add(x, positions), 0), 1);

const model: CachedModel = { output, pos: Pos };
const staged = stagedModel(model);
const lengths = fc.integer({ min: 1, max: MAX - 1 });

describe('reading a text at once is reading its beginning and then token by token', () => {
  test('for causal attention over caches', () => {
    fc.assert(fc.property(lengths, fc.integer({ min: 1, max: 4 }), fc.nat(1000), (n, more, seed) => {
      const length = Math.min(MAX, n + more);
      const env = environmentFor([output.node], seed, { pos: length });
      const [full] = interpret([output.node], env);
      let read = readPrompt(model, staged, env, n);
      for (let i = n; i < length; i++) {
        read = readNext(model, staged, env, read, i, i + 1);
        // Sums over the same rows in the same order: only the masked entries, which are exactly 0, are left out.
        expect(relativeDifference(read.output, sliced(full, 'pos', i, i + 1))).toBe(0);
      }
    }), runs(60));
  });

  test('and the states of a step are the caches of the longer text', () => {
    fc.assert(fc.property(lengths, fc.nat(1000), (n, seed) => {
      const env = environmentFor([output.node], seed, { pos: n + 1 });
      const long = readPrompt(model, staged, env, n + 1);
      const stepped = readNext(model, staged, env, readPrompt(model, staged, env, n), n, n + 1);
      expect(Object.keys(stepped.kept).sort()).toEqual(['k0', 'k1', 'v0', 'v1']);
      for (const [label, rows] of Object.entries(stepped.kept)) {
        expect(relativeDifference(rows, long.kept[label])).toBe(0);
      }
    }), runs(40));
  });
});
