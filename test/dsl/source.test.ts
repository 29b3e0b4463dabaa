import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  add, axis, cache, concat, constant, dot, dslSource, equal, exp, freeze, gather, input, iota, iswiglu, lessEqual, map,
  mapInt, merge, mul, pad, parameter, product, random, rename, scalar, scatterAdd, slice, softmax, split,
  stopGradient, sub, sum, symbol, table, tensorOf, toInt, traced, where, type AnyTensor,
} from '../../dsl/index.ts';
import type { Node } from '../../dsl/node.ts';
import { makeReduce } from '../../dsl/nodes/contraction.ts';
import { makeInput } from '../../dsl/nodes/leaves.ts';
import { makeQuantize } from '../../dsl/nodes/quantize.ts';
import { makeAppend } from '../../dsl/nodes/staging.ts';
import { Scalar } from '../../dsl/scalar/index.ts';
import { modelGraph } from '../../models/pldr/index.ts';
import { smallConfig } from '../../verify/arbitraries/configs.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { Pasted } from '../support/pasted.ts';
import { runs } from '../support/runs.ts';

const anyGraph = fc.oneof(graphs, fusible);

let pasted: Pasted;

beforeAll(() => { pasted = new Pasted(); });
afterAll(() => pasted.remove());

/** A module that makes a graph, and exports what it made. */
function moduleOf(roots: readonly Node[]): string {
  const outputs = roots.map((_, i) => `result${i}`);
  const text = dslSource(roots, { from: pasted.specifier('dsl/index.ts'), outputs });
  return `${text}\n\nexport const results = [${outputs.join(', ')}];\n`;
}

const keysOf = (made: unknown): readonly string[] =>
  (made as readonly { readonly node: Node }[]).map(({ node }) => node.key);

describe('a printed program', () => {
  test('makes the graph that it was printed of', async () => {
    await fc.assert(fc.asyncProperty(anyGraph, async ({ outputs }) => {
      const { results } = await pasted.run(pasted.write(moduleOf(outputs)));
      expect(keysOf(results)).toEqual(outputs.map((n) => n.key));
    }), runs(100));
  });

  test('of a whole model makes the model', async () => {
    const { decoded: { hidden } } = modelGraph(smallConfig({ layers: 2, heads: 2, hiddenSize: 8 }), { batch: 2 });
    const { results } = await pasted.run(pasted.write(moduleOf([hidden.node])));
    expect(keysOf(results)).toEqual([hidden.node.key]);
  });

  test('has the types that it needs where there are no axes, and where an axis is renamed to itself', () => {
    const [A, B] = [axis('a', 2), axis('b', 2)];
    const x = add(input('x', [A]), add(input('s', [], 'i32'), table([1], [])));
    const renamed = [rename(x, A, B), rename(x, A, A), map(traced(1, (u) => Scalar.of(1).ne(2).select(u, 0)), x)];
    expect(pasted.problems([pasted.write(moduleOf(renamed.map((t) => t.node)))])).toEqual([]);
  });

  test('has short lines, but for functions', () => {
    fc.assert(fc.property(anyGraph, ({ outputs }) => {
      const lines = dslSource(outputs).split('\n').filter((line) => !/scalar\(|^ {2}(const|return) /.test(line));
      expect(lines.filter((line) => line.length > 100)).toEqual([]);
    }), runs(100));
  });

  test('has the types that it needs', () => {
    fc.assert(fc.property(fc.array(anyGraph, { minLength: 60, maxLength: 60 }), (cases) => {
      const files = cases.map(({ outputs }) => pasted.write(moduleOf(outputs)));
      expect(pasted.problems(files)).toEqual([]);
    }), { ...runs(1), endOnFailure: true });
  });
});

const [Pos, Key] = [axis('pos', symbol('length', 64)), axis('key', symbol('length', 64))];
const [Embed, Dk] = [axis('embed', 8), axis('dk', 4)];

/** The lines after the imports. */
const bodyOf = (...xs: readonly AnyTensor[]): string =>
  dslSource(xs.map((x) => x.node)).replace(/^import [^]*?;\n\n/, '');

describe('the text', () => {
  test('of an attention is what a person would write', () => {
    const x = input('x', [Pos, Embed]);
    const project = (name: string) => dot(x, parameter(name, [Embed, Dk]), Embed);
    const k = cache(project('wk'), Pos, Key, 'layer0.k');
    const v = cache(project('wv'), Pos, Key, 'layer0.v');
    const scores = mul(dot(project('wq'), k, Dk), 0.5);
    const output = dot(softmax(where(lessEqual(iota(Key), iota(Pos)), scores, -1e9), Key), v, Key);
    expect(dslSource([output.node])).toBe(`import {
  axis, cache, dot, input, iota, lessEqual, mul, parameter, softmax, symbol, where,
} from 'ricci/dsl';

const length = symbol('length', 64);
const [Key, Pos, Embed] = [axis('key', length), axis('pos', length), axis('embed', 8)];
const Dk = axis('dk', 4);

const x = input('x', [Pos, Embed]);
const k = cache(dot(x, parameter('wk', [Embed, Dk]), Embed), Pos, Key, 'layer0.k');
const x1 = mul(dot(dot(x, parameter('wq', [Embed, Dk]), Embed), k, Dk), 0.5);
const v = cache(dot(x, parameter('wv', [Embed, Dk]), Embed), Pos, Key, 'layer0.v');
const x2 = softmax(where(lessEqual(iota(Key), iota(Pos)), x1, -1e9), Key);
const output = dot(x2, v, Key);`);
  });

  const x = input('x', [Embed]);
  const [Row, Col, Wide] = [axis('row', 2), axis('col', 4), axis('wide', 11)];
  const Other = axis('embed', 3);
  const at = input('at', [Embed], 'i32');
  const bend = scalar((u) => u * u / (1 + Math.exp(-u)));
  const clip = scalar((u, low, high) => Math.min(Math.max(u, low), high));
  const steep = scalar((u) => { const t = u * u + 1; return t / (1 + Math.exp(-t)); });
  const away = traced(2, (u) => u.round().neg());

  test.each<readonly [AnyTensor, string]>([
    [constant(-0), 'const output = constant(-0);'],
    [constant(Infinity, 'i32'), "const output = constant(Infinity, 'i32');"],
    [table([0.1 + 0.2, NaN, -0], [Other]), 'const output = table([0.30000000000000004, NaN, -0], [Embed]);'],
    [parameter('a.w', [Embed], { storage: 'int8' }), "const output = parameter('a.w', [Embed], { storage: 'int8' });"],
    [input("it's", [], 'i32'), "const output = input('it\\'s', [], 'i32');"],
    [random(7, [Embed]), 'const output = random(7, [Embed]);'],
    [iota(Embed), 'const output = iota(Embed);'],
    [exp(x), 'const output = exp(x);'],
    [mul(x, 2), 'const output = mul(x, 2);'],
    [sub(1e-9, x), 'const output = sub(1e-9, x);'],
    [equal(x, 1e12), 'const output = equal(x, 1e12);'],
    [toInt(x), 'const output = toInt(x);'],
    [stopGradient(x), 'const output = stopGradient(x);'],
    [softmax(x, Embed), 'const output = softmax(x, Embed);'],
    [map(bend, x), 'const output = map(iswiglu, x);'],
    [map(iswiglu, x), 'const output = map(iswiglu, x);'],
    [mapInt(clip, x, 0, 4), 'const output = mapInt(scalar((x, y, z) => Math.min(Math.max(x, y), z)), x, 0, 4);'],
    [map(away, x, 1), 'const output = map(scalar((x, _y) => -round(x)), x, 1);'],
    [map(steep, x), `const f1 = scalar((x) => {
  const t0 = x * x + 1;
  return t0 / (1 + Math.exp(-t0));
});
const output = map(f1, x);`],
    [sum(x, Embed), 'const output = sum(x, Embed);'],
    [product(x, Embed), 'const output = product(x, Embed);'],
    [dot(x, x, Embed, { compensated: true }), 'const output = dot(x, x, Embed, { compensated: true });'],
    [rename(x, Embed, axis('chan', 8)), 'const output = rename(x, Embed, Chan);'],
    [split(x, Embed, Row, Col), 'const output = split(x, Embed, Row, Col);'],
    [merge(split(x, Embed, Row, Col), Row, Col, axis('whole', 8)),
      'const output = merge(split(x, Embed, Row, Col), Row, Col, Whole);'],
    [slice(x, Embed, 2, 3), 'const output = slice(x, Embed, 2, 3);'],
    [pad(x, Embed, 1, 2), 'const output = pad(x, Embed, 1, 2);'],
    [pad(x, Embed, 0, 3, -1), 'const output = pad(x, Embed, 0, 3, -1);'],
    [concat([x, x], Embed), 'const output = concat([x, x], Embed);'],
    [concat([x, x], Row), 'const output = concat([x, x], Row);'],
    [gather(x, Embed, 3), 'const output = gather(x, Embed, 3);'],
    [gather(x, Embed, input('id', [], 'i32')),
      "const id = input('id', [], 'i32');\nconst output = gather(x, Embed, id);"],
    [scatterAdd(x, at, Embed, Wide), 'const output = scatterAdd(x, at, Embed, Wide);'],
    [freeze(x, 'kept'), "const output = freeze(x, 'kept');"],
    [cache(x, Embed, axis('key', 8), 'k'), "const output = cache(x, Embed, Key, 'k');"],
  ])('of one operation: %#', (made, expected) => {
    expect(bodyOf(made)).toContain(expected);
  });

  test('two sizes of an axis are two constants', () => {
    const text = bodyOf(sum(slice(x, Embed, 2, 3), Other));
    expect(text).toBe(`const [Embed, Embed2] = [axis('embed', 8), axis('embed', 3)];

const x = input('x', [Embed]);
const output = sum(slice(x, Embed, 2, 3), Embed2);`);
  });

  test('names that are taken get numbers, and names that cannot be are made up', () => {
    const twins = [input('exp', [Embed]), input('a.y', [Embed]), input('b.y', [Embed]), input('2nd', [Embed])];
    const [first, ...rest] = twins;
    expect(bodyOf(rest.reduce((total, y) => add(total, y), first))).toBe(`const Embed = axis('embed', 8);

const exp2 = input('exp', [Embed]);
const y = input('a.y', [Embed]);
const y2 = input('b.y', [Embed]);
const x1 = input('2nd', [Embed]);
const output = add(add(add(exp2, y), y2), x1);`);
  });

  test('what is used twice has a name, and so have several results', () => {
    const y = exp(x);
    expect(bodyOf(y, add(y, mul(y, y)))).toBe(`const Embed = axis('embed', 8);

const x = input('x', [Embed]);
const x1 = exp(x);
const output1 = x1;
const output2 = add(x1, mul(x1, x1));`);
  });

  test('long lines are broken', () => {
    const long = table(Array.from({ length: 40 }, (_, i) => i / 8), [axis('n', 40)]);
    const lines = bodyOf(long).split('\n');
    expect(lines.slice(2, 5)).toEqual(['const output = table(', '  [', expect.stringMatching(/^    0, 0.125, .*,$/)]);
    expect(lines.slice(-3)).toEqual(['  ],', '  [N],', ');']);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe('what no operation makes', () => {
  const origin = { place: undefined };
  const x = input('x', [Pos, Embed]).node;

  test.each<readonly [string, Node]>([
    ['quantize', makeQuantize(x, 'int8', origin)],
    ['append', makeAppend(x, x, undefined, 'pos', 'pos', origin)],
    ['reduce', makeReduce('compensated', x, 'embed', origin)],
    ['input', makeInput('x', [Embed], 'f32', origin, 'bf16')],
  ])('is refused: %s', (kind, node) => {
    expect(() => dslSource([exp(tensorOf(node)).node])).toThrow(expect.objectContaining({
      code: 'dsl/no-source', message: expect.stringContaining(`a node "${kind}"`),
    }));
  });
});
