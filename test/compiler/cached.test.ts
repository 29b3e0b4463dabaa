import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axis, symbol, type Axis } from '../../dsl/axis.ts';
import {
  add, cache, div, dot, exp, input, iota, lessEqual, max, mul, parameter, sub, sum, tanh, where,
} from '../../dsl/index.ts';
import type { Node } from '../../dsl/node.ts';
import type { Tensor } from '../../dsl/tensor.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import { stage, stateInput, type StageOptions } from '../../compiler/passes/stage.ts';
import { environmentFor } from '../support/graphs/values.ts';
import { runs } from '../support/runs.ts';
import { at, relativeDifference } from '../support/same.ts';

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
const output = layer(layer(add(x, positions), 0), 1).node;

const NOTHING: ReadonlySet<string> = new Set();
const FILL: StageOptions = { supplied: NOTHING, kept: NOTHING, caches: 'fill' };

/** One more token: one position, and as many keys as there are so far. */
const STEP: StageOptions = {
  supplied: NOTHING, kept: NOTHING, caches: 'append', start: input('start', [], 'i32').node,
  resize: (a): Axis => (a.name === 'pos' ? axis('pos', 1) : a.name === 'key' ? axis('key', symbol('keys', MAX)) : a),
};

/** Tokens of a text from the one index to before the other. */
function tokens(text: Dense, from: number, to: number): Dense {
  const rows = Array.from({ length: to - from }, (_, i) => at(text, 'pos', from + i));
  const data = Float64Array.from({ length: 2 * (to - from) * 4 }, (_, i) => {
    const [b, p, e] = [Math.floor(i / (4 * (to - from))), Math.floor(i / 4) % (to - from), i % 4];
    return rows[p].data[b * 4 + e];
  });
  return { names: text.names, sizes: [2, to - from, 4], data };
}

/** Rows of a state so far, with room for one more that is not a number until it is written. */
function withRoom(state: Dense): Dense {
  const d = state.names.indexOf('key');
  const inner = state.sizes.slice(d + 1).reduce((n, s) => n * s, 1);
  const row = state.sizes[d] * inner;
  const data = new Float64Array((state.data.length / row) * (row + inner)).fill(NaN);
  for (let i = 0; i * row < state.data.length; i++) {
    data.set(state.data.subarray(i * row, (i + 1) * row), i * (row + inner));
  }
  return { names: state.names, sizes: state.sizes.map((s, k) => (k === d ? s + 1 : s)), data };
}

const asKeys = (state: Dense): Dense => ({ ...state, names: state.names.map((n) => (n === 'pos' ? 'key' : n)) });

interface Run { readonly output: Dense; readonly states: Readonly<Record<string, Dense>> }

function run(outputs: readonly Node[], states: ReadonlyMap<string, Node>, env: Environment): Run {
  const values = interpret([...outputs, ...states.values()], env);
  const kept = [...states.keys()].map((label, i) => [label, asKeys(values[i + outputs.length])]);
  return { output: values[0], states: Object.fromEntries(kept) };
}

function step(before: Run, token: Dense, n: number, env: Environment): Run {
  const program = stage([output], STEP);
  const states = Object.entries(before.states).map(([label, s]) => [stateInput(label), withRoom(s)]);
  const start: Dense = { names: [], sizes: [], data: Float64Array.of(n) };
  return run(program.outputs, program.states, {
    ...env, inputs: { x: token, start, ...Object.fromEntries(states) }, sizes: { keys: n + 1 },
  });
}

const lengths = fc.integer({ min: 1, max: MAX - 1 });

describe('reading a text at once is reading its beginning and then token by token', () => {
  test('for causal attention over caches', () => {
    fc.assert(fc.property(lengths, fc.integer({ min: 1, max: 4 }), fc.nat(1000), (n, more, seed) => {
      const length = Math.min(MAX, n + more);
      const env = environmentFor([output], seed, { pos: length });
      const text = env.inputs?.['x'] ?? expect.unreachable('the graph has an input');
      const full = interpret([output], env)[0];
      const filled = stage([output], FILL);
      const beginning = { ...env, inputs: { x: tokens(text, 0, n) }, sizes: { pos: n } };
      let state = run(filled.outputs, filled.states, beginning);
      for (let i = n; i < length; i++) {
        state = step(state, tokens(text, i, i + 1), i, env);
        // Sums over the same rows in the same order: only the masked entries, which are exactly 0, are left out.
        expect(relativeDifference(at(state.output, 'pos', 0), at(full, 'pos', i))).toBe(0);
      }
    }), runs(60));
  });

  test('and the states of a step are the caches of the longer text', () => {
    fc.assert(fc.property(lengths, fc.nat(1000), (n, seed) => {
      const env = environmentFor([output], seed, { pos: n + 1 });
      const text = env.inputs?.['x'] ?? expect.unreachable('the graph has an input');
      const filled = stage([output], FILL);
      const long = run(filled.outputs, filled.states, env);
      const beginning = { ...env, inputs: { x: tokens(text, 0, n) }, sizes: { pos: n } };
      const short = run(filled.outputs, filled.states, beginning);
      const stepped = step(short, tokens(text, n, n + 1), n, env);
      expect(Object.keys(stepped.states).sort()).toEqual(['k0', 'k1', 'v0', 'v1']);
      for (const [label, s] of Object.entries(stepped.states)) {
        expect(relativeDifference(s, long.states[label])).toBe(0);
      }
    }), runs(40));
  });
});
