import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { makeDot, makeReduce } from '../../dsl/nodes/contraction.ts';
import { makeConstant, makeInput, makeTable } from '../../dsl/nodes/leaves.ts';
import { makeQuantize } from '../../dsl/nodes/quantize.ts';
import { makeAppend } from '../../dsl/nodes/staging.ts';
import { makePad } from '../../dsl/nodes/views.ts';
import { smallConfig } from '../../verify/arbitraries/configs.ts';
import { mapExpr, NOWHERE } from '../../verify/arbitraries/graphs/ops.ts';
import { runs } from '../support/runs.ts';
import { graphReplays, modelReplays } from './cases.ts';
import { parseReplayFile, showReplayFile, type GraphReplay, type ModelReplay, type Replay } from './replay-file.ts';

const again = (replay: Replay): Replay => parseReplayFile(showReplayFile({ about: 'a test', replay })).replay;

function againGraph(replay: GraphReplay): GraphReplay {
  const read = again(replay);
  return read.kind === 'graph' ? read : expect.unreachable('a graph is read as a model');
}

const keys = (nodes: readonly Node[]): readonly string[] => topological(nodes).map((n) => n.key);

/** Values of what the outputs need; vitest tells negative zero from zero, and takes NaN for itself. */
function needed({ outputs, env }: GraphReplay): Environment {
  const of = (kind: 'input' | 'parameter', from: Environment['inputs'] = {}) => Object.fromEntries(
    topological(outputs).flatMap((n) => (n.kind === kind ? [[n.name, from[n.name]]] : [])),
  );
  return { inputs: of('input', env.inputs), parameters: of('parameter', env.parameters), sizes: env.sizes ?? {} };
}

const ODD = [NaN, Infinity, -Infinity, -0, 5e-324, -1.7976931348623157e308, 0.1];
const odd = fc.oneof(fc.constantFrom(...ODD), fc.double());

const graphOf = (outputs: readonly Node[], env: Environment = {}): GraphReplay => ({
  kind: 'graph', device: 'cpu', outputs, env: { sizes: {}, ...env }, storages: {}, schedule: undefined, states: {},
});

describe('what is read is what was written', () => {
  test.each(['cpu', 'webgpu'] as const)('for graphs with schedules of %s: equal keys, and equal values', (kind) => {
    fc.assert(fc.property(graphReplays(kind), (replay) => {
      const read = againGraph(replay);
      expect(keys(read.outputs)).toEqual(keys(replay.outputs));
      expect(read.env).toEqual(needed(replay));
      expect({ ...read, outputs: [], env: {} }).toEqual({ ...replay, outputs: [], env: {} });
    }), runs(150));
  });

  test('for numbers of every kind, in values, tables, constants and functions', () => {
    fc.assert(fc.property(fc.array(odd, { minLength: 3, maxLength: 3 }), odd, (data, k) => {
      const axes = [{ name: 'row', size: 3 }];
      const padded = makePad(makeInput('x', axes, 'f32', NOWHERE), 'row', 1, 2, k, NOWHERE);
      const fn = { arity: 0, ops: [{ op: 'const', value: k }], result: 0 } as const;
      const table = makeTable(Float64Array.from(data), axes, 'f32', NOWHERE);
      const outputs = [padded, table, makeConstant(k, 'f32', NOWHERE), mapExpr(fn, [])];
      const replay = graphOf(outputs, { inputs: { x: { names: ['row'], sizes: [3], data: Float64Array.from(data) } } });
      const read = againGraph(replay);
      expect(read.env).toEqual({ ...replay.env, parameters: {} });
      expect(keys(read.outputs)).toEqual(keys(outputs));
      expect(read.outputs).toMatchObject([{ value: k }, { data: table.data }, { value: k }, { fn }]);
    }), runs(100));
  });

  test('for the kinds of nodes that random graphs lack', () => {
    const [row, key] = [{ name: 'row', size: 2 }, { name: 'key', size: { symbol: 'keys', max: 4 } }];
    const [x, state] = [makeInput('x', [row], 'f32', NOWHERE), makeInput('state:k', [key], 'f32', NOWHERE)];
    const start = makeInput('start', [], 'i32', NOWHERE);
    const rounded = makeQuantize(x, 'int16', NOWHERE);
    const outputs = [
      makeAppend(state, x, start, 'row', 'key', NOWHERE), makeAppend(state, x, undefined, 'row', 'key', NOWHERE),
      makeDot(x, rounded, 'row', NOWHERE, 'compensated'), makeReduce('compensated', rounded, 'row', NOWHERE),
    ];
    const dense = (name: string, ...data: readonly number[]) =>
      ({ names: [name], sizes: [data.length], data: Float64Array.from(data) });
    const given = { names: [], sizes: [], data: Float64Array.of(1) };
    const inputs = { x: dense('row', 1, 2), 'state:k': dense('key', 1, 2, 3), start: given };
    const replay = { ...graphOf(outputs, { inputs, sizes: { keys: 3 } }), states: { k: 0 } };
    const read = againGraph(replay);
    expect(keys(read.outputs)).toEqual(keys(outputs));
    expect({ ...read, outputs: [] }).toEqual({ ...replay, outputs: [], env: { ...replay.env, parameters: {} } });
  });

  test('for models', () => {
    fc.assert(fc.property(modelReplays, (replay) => { expect(again(replay)).toEqual(replay); }), runs(100));
  });
});

describe('a model', () => {
  const replay: ModelReplay = {
    kind: 'model', config: smallConfig(), weights: 'floor', seed: 3, rows: [[1, 2]], more: [4, 5, 6], chunks: [2, 1],
    mode: 'g',
  };
  const text = showReplayFile({ about: '', replay });

  test('has perturbed weights and reads token after token where its file says nothing else', () => {
    const older = text.replace('  "weights": "floor",\n', '').replace('  "chunks": [2,1],\n', '');
    expect(parseReplayFile(older).replay).toEqual({ ...replay, weights: 'perturbed', chunks: [1, 1, 1] });
  });

  test.each([
    ['[2,1]', '[2,2]', 'replay.chunks'], ['[2,1]', '[3,0]', 'replay.chunks'],
    ['"floor"', '"ceiling"', 'replay.weights'],
  ])('is refused where %s is %s', (from, to, place) => {
    expect(text).toContain(from);
    expect(() => parseReplayFile(text.replace(from, to)))
      .toThrowError(expect.objectContaining({ code: 'replay/field', message: expect.stringContaining(place) }));
  });
});

test('a value that is used twice is written and made once', () => {
  const x = makeInput('x', [{ name: 'row', size: 2 }], 'f32', NOWHERE);
  const replay = graphOf([makeDot(x, x, 'row', NOWHERE)], {
    inputs: { x: { names: ['row'], sizes: [2], data: Float64Array.of(1, 2) } },
  });
  const [product] = againGraph(replay).outputs;
  expect(product).toMatchObject({ kind: 'dot' });
  if (product.kind === 'dot') expect(product.a).toBe(product.b);
});

describe('a file that says no graph is refused, with the place', () => {
  const x = makeInput('x', [{ name: 'row', size: 2 }], 'f32', NOWHERE);
  const text = showReplayFile({ about: '', replay: graphOf([makeReduce('sum', x, 'row', NOWHERE)], {
    inputs: { x: { names: ['row'], sizes: [2], data: Float64Array.of(1, 2) } },
  }) });
  test.each([
    ['an axis that is not there', '"over":"row"', '"over":"pos"', 'dsl/axis-missing', '"pos" is missing'],
    ['an operand that comes later', '"of":[0]', '"of":[1]', 'replay/field', 'nodes[1].of'],
    ['too few operands', '"of":[0]', '"of":[]', 'replay/field', 'nodes[1].of'],
    ['a kind that there is not', '"reduce"', '"shrink"', 'replay/field', 'nodes[1].kind'],
    ['too few numbers', '[1,2]', '[1]', 'replay/field', 'inputs.x'],
    ['what is no number', '[1,2]', '[1,"two"]', 'replay/field', 'replay.inputs.x[1]'],
    ['no values', '"x": [1,2]', '', 'replay/field', 'replay.inputs.x'],
    ['a size of nothing', '["row",2]', '["row",0]', 'dsl/axis-size', 'has the size 0'],
  ] as const)('%s', (_, from, to, code, says) => {
    expect(text).toContain(from);
    expect(() => parseReplayFile(text.replace(from, to)))
      .toThrowError(expect.objectContaining({ code, message: expect.stringContaining(says) }));
  });
});
