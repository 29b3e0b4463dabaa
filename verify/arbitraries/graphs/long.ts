import fc from 'fast-check';
import type { Axis } from '../../../dsl/axis.ts';
import type { Dense } from '../../../compiler/interpret/dense.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeInput, makeParameter } from '../../../dsl/nodes/leaves.ts';
import { div, dot, exp, NOWHERE, reduce, sub } from './ops.ts';
import type { GivenGraph } from './given.ts';
import { longRows } from './long-rows.ts';
import { tiledGraphs } from './tiles.ts';

/*
 * Graphs along ranges that are longer than those of random graphs, whose loops take several turns and whose totals come
 * near the ends of what holds them.
 */

/** An f32 for each index. */
type Fill = (i: number) => number;

const wave = (scale: number): Fill => (i) => Math.fround(scale * Math.sin(1.7 * i));

function filled(node: Node, fill: Fill): Dense {
  const sizes = node.axes.map((a) => Number(a.size));
  const data = Float64Array.from({ length: sizes.reduce((n, s) => n * s, 1) }, (_, i) => fill(i));
  return { names: node.axes.map((a) => a.name), sizes, data };
}

const given = (name: string, ...axes: readonly Axis[]): Node => makeInput(name, axes, 'f32', NOWHERE);
const weight = (name: string, ...axes: readonly Axis[]): Node => makeParameter(name, axes, 'f32', NOWHERE);

/** Contractions around the lengths that a lane's 32 bits hold products of integers for, with the largest of them. */
const products: fc.Arbitrary<GivenGraph> = fc.record({
  from: fc.tuple(fc.constantFrom(0, 2048, 4096, 8192), fc.integer({ min: 1, max: 70 })).map(([most, n]) => most + n),
  rows: fc.integer({ min: 1, max: 3 }), to: fc.integer({ min: 1, max: 5 }), fill: fc.constantFrom(() => 1, wave(1)),
}).map(({ from, rows, to, fill }) => {
  const [Row, From, To] = [{ name: 'row', size: rows }, { name: 'from', size: from }, { name: 'to', size: to }];
  const [x, w] = [given('x', Row, From), weight('w', To, From)];
  const env = { inputs: { x: filled(x, fill) }, parameters: { w: filled(w, fill) }, sizes: {} };
  return { outputs: [dot(x, w, 'from')], env };
});

/** Softmaxes of scores that go on growing for many turns of a loop, or that lie far apart, as weights of a mean. */
const weightedMeans: fc.Arbitrary<GivenGraph> = fc.record({
  keys: fc.integer({ min: 1, max: 300 }), rows: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 9 }),
  fill: fc.constantFrom<Fill>((i) => i / 64, (i) => -i / 64, wave(1), wave(40)),
}).map(({ keys, rows, channels, fill }) => {
  const [Row, Key, Channel] = [
    { name: 'row', size: rows }, { name: 'key', size: keys }, { name: 'channel', size: channels },
  ];
  const [scores, values] = [given('scores', Row, Key), weight('values', Key, Channel)];
  const powers = exp(sub(scores, reduce('max', scores, 'key')));
  const mean = dot(div(powers, reduce('sum', powers, 'key')), values, 'key');
  const env = { inputs: { scores: filled(scores, fill) }, parameters: { values: filled(values, wave(1)) }, sizes: {} };
  return { outputs: [mean], env };
});

/**
 * Contractions of up to thousands of terms, softmaxes whose maximum moves for many turns of a loop, what takes several
 * tiles, and few queries of many keys. Shrinks to short ranges of ones.
 */
export const longGraphs: fc.Arbitrary<GivenGraph> = fc.oneof(products, weightedMeans, tiledGraphs, longRows);
