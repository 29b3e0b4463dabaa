import { describe, expect, test } from 'vitest';
import { reorder } from '../../../compiler/interpret/dense.ts';
import { axis, concat, input, logTraceExp, type AnyTensor } from '../../../dsl/index.ts';
import { asOperator, modelGraph, type ModelGraph } from '../../../models/pldr/index.ts';
import { dagLoss, REGULARISED } from '../../../models/pldr/train/dag-loss.ts';
import { onEveryDevice } from '../../support/every-device.ts';
import { dense, expectNear, scalarsOf } from '../../std/support.ts';
import { openOracle, tolerance } from '../reference/oracle.ts';
import { environmentOf, interpreted, modelOf, onDevice, type Run } from './support.ts';

const EQUAL = { A_LM: 1, A_P: 1, G: 1 };

/** Terms of the whole model, and of each matrix [tensor and layer, batch, head], of which the former are made. */
function graphOf({ axes, decoded: { layers } }: ModelGraph): Readonly<Record<string, AnyTensor>> {
  const { loss, terms } = dagLoss(layers, EQUAL, axes);
  const matrices = REGULARISED.flatMap((name) => layers.flatMap((layer) => layer[name] ?? []));
  const each = logTraceExp(concat(matrices, axis('operator', matrices.length)), axes.Row, axes.Col);
  return { loss, each, ...Object.fromEntries(terms) };
}

async function expectAuthors(name: string, run: Run): Promise<void> {
  const [oracle, model] = [await openOracle(name), await modelOf(name)];
  const rows = oracle.inputs.get('ids3') ?? [];
  const outputs = graphOf(modelGraph(model.config, { batch: rows.length }));
  const got = await run(outputs, (roots) => environmentOf(roots, model, { rows }, 'exact'));
  const each = reorder(got['each'], ['operator', 'batch', 'head']).data;
  const expected = oracle.tensors.get('dag3.per_head');
  const totals = oracle.tensors.get('dag3.totals')?.data ?? [];
  expect(each).toHaveLength(expected?.data.length ?? 0);
  expected?.data.forEach((x, i) => expectNear(each[i], x, 0, tolerance(oracle, 'dag3.per_head')));
  REGULARISED.forEach((tensor, i) =>
    expectNear(got[tensor].data[0], totals[i], 0, tolerance(oracle, 'dag3.totals')));
  expectNear(got['loss'].data[0], totals[0] + totals[1] + totals[2], 0, 3 * tolerance(oracle, 'dag3.totals'));
}

describe('the authors\' terms, each layer, row and head', () => {
  test('v51-dag, interpreted', () => expectAuthors('v51-dag', interpreted));

  onEveryDevice((device, kind) => {
    test.each(kind === 'cpu' ? ['v51-dag', 'v51-small'] : ['v51-dag'])('%s', (name) =>
      expectAuthors(name, onDevice(device)));
  });
});

describe('the DAG loss', () => {
  const [Row, Col, Batch, Head] = [axis('row', 2), axis('col', 2), axis('batch', 2), axis('head', 1)];
  const ofLayer = (l: number) => ({
    A_LM: input(`A_LM${l}`, [Batch, Head, Row, Col]), A_P: input(`A_P${l}`, [Batch, Head, Row, Col]),
    // One operator for all rows of a batch.
    G: asOperator(input(`G${l}`, [Head, Row, Col])),
  });
  const layers = [ofLayer(0), ofLayer(1)];
  const shape = { batch: 2, head: 1, row: 2, col: 2 };
  const env = { inputs: {
    A_LM0: dense(shape, [1, 0, 0, 1, 2, 0, 0, 2]), A_LM1: dense(shape, new Float64Array(8)),
    A_P0: dense(shape, new Float64Array(8).fill(NaN)), A_P1: dense(shape, new Float64Array(8).fill(NaN)),
    G0: dense({ head: 1, row: 2, col: 2 }, [3, 0, 0, 3]), G1: dense({ head: 1, row: 2, col: 2 }, [0, 9, 0, 0]),
  } };

  test('is the mean over layers, rows and heads, and leaves out what no coefficient asks for', () => {
    const { loss, terms } = dagLoss(layers, { A_LM: 0.05, A_P: 0, G: 2 }, { Row, Col });
    expect([...terms.keys()]).toEqual(['A_LM', 'G']);
    const [total, ...each] = scalarsOf([loss, ...terms.values()], env);
    // Diagonals x have l = x²; a single edge has none.
    const expected = [(1 + 4 + 0 + 0) / 4, (9 + 0) / 2];
    each.forEach((x, i) => expectNear(x, expected[i], 1e-9));
    expectNear(total, 0.05 * expected[0] + 2 * expected[1], 1e-9);
  });

  test('without any coefficient is 0', () => {
    const { loss, terms } = dagLoss(layers, { A_LM: 0, A_P: -1, G: 0 }, { Row, Col });
    expect(terms.size).toBe(0);
    expect(scalarsOf([loss], {})).toEqual([0]);
  });

  test('says which tensors a model with a given G has not', () => {
    expect(() => dagLoss([{ G: layers[0].G }], EQUAL, { Row, Col })).toThrow(/A_LM and A_P/);
  });
});
