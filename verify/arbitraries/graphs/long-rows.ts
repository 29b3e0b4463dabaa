import fc from 'fast-check';
import { symbol, type Axis } from '../../../dsl/axis.ts';
import type { Dense } from '../../../compiler/interpret/dense.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeInput } from '../../../dsl/nodes/leaves.ts';
import type { GivenGraph } from './given.ts';
import { add, div, dot, exp, map1, map2, mul, NOWHERE, reduce, sub } from './ops.ts';
import { environmentFor } from './values.ts';

/*
 * Attention of few queries along a range that is long for each of them, or short, or all hidden: what a step has.
 */

const given = (name: string, ...axes: readonly Axis[]): Node => makeInput(name, axes, 'f32', NOWHERE);

const size = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });

/** Where keys are hidden, as shares of the range (nowhere, in some part of it, everywhere), and what they score. */
const masks = fc.record({
  from: fc.constantFrom(1, 0, 0.1, 0.5), to: fc.constantFrom(1, 0.9, 0.5),
  blocked: fc.constantFrom(-1e9, -3.4028234663852886e38),
});

/** What becomes of what is looked at: the mean of values, two means, a mean of one number for each key, the total. */
type Result = 'mean' | 'means' | 'number' | 'total';

function resultOf(kind: Result, powers: Node, [Head, Key, Channel]: readonly [Axis, Axis, Axis]): Node {
  const total = reduce('sum', powers, 'key');
  const mean = (values: Node): Node => dot(div(powers, total), values, 'key');
  const [v, u] = [given('v', Head, Key, Channel), given('u', Head, Key)];
  switch (kind) {
    case 'mean': return mean(v);
    case 'means': return add(mean(v), mul(mean(u), given('w', Channel)));
    case 'number': return mean(u);
    case 'total': return total;
  }
}

/** Numbers of the range at hand, whose length a run says, or the declaration. */
function hiddenAt(keys: number, { from, to }: { readonly from: number; readonly to: number }): Dense {
  const isHidden = (i: number): boolean => i >= Math.floor(from * keys) && i < Math.ceil(to * keys);
  return { names: ['key'], sizes: [keys], data: Float64Array.from({ length: keys }, (_, i) => (isHidden(i) ? 1 : 0)) };
}

/**
 * Up to three queries of up to two heads along up to 600 keys, with scores near each other or far apart. The length is
 * known beforehand or not. Shrinks to one query, few keys and no mask.
 */
export const longRows: fc.Arbitrary<GivenGraph> = fc.record({
  heads: size(2), rows: size(3), keys: fc.oneof(size(12), size(150), fc.integer({ min: 150, max: 600 })),
  spare: fc.constantFrom(undefined, 0, 3, 500), dk: fc.constantFrom(8, 3, 6, 32), channels: size(21),
  scale: fc.constantFrom(0.125, 4, -0.01), result: fc.constantFrom<Result[]>('mean', 'means', 'number', 'total'),
  mask: fc.option(masks, { nil: undefined }), hasOperator: fc.boolean(), seed: fc.nat(1000),
}).map(({ heads, rows, keys, spare, dk, channels, scale, result, mask, hasOperator, seed }) => {
  const [Head, Row, Dk, From] = ([['head', heads], ['pos', rows], ['dk', dk], ['from', 8]] as const)
    .map(([name, entries]): Axis => ({ name, size: entries }));
  const Key: Axis = { name: 'key', size: spare === undefined ? keys : symbol('key', keys + spare) };
  const Channel: Axis = { name: 'channel', size: channels };
  const q = hasOperator
    ? dot(given('q', Head, Row, From), given('G', Head, From, Dk), 'from')
    : given('q', Head, Row, Dk);
  const scores = map1(dot(q, given('k', Head, Key, Dk), 'dk'), (v) => v.mul(scale));
  const seen = mask === undefined ? scores
    : map2(given('hidden', Key), scores, (h, v) => h.gt(0.5).select(mask.blocked, v));
  const outputs = [resultOf(result, exp(sub(seen, reduce('max', seen, 'key'))), [Head, Key, Channel])];
  const env = environmentFor(outputs, seed, spare === undefined ? {} : { key: keys });
  if (mask === undefined) return { outputs, env };
  return { outputs, env: { ...env, inputs: { ...env.inputs, hidden: hiddenAt(keys, mask) } } };
});
