import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { topological } from '../../../dsl/graph.ts';
import { add, crossEntropy, grad, input, tensorOf, type AnyTensor } from '../../../dsl/index.ts';
import type { ParameterNode } from '../../../dsl/node.ts';
import { axesFor, decoder, head, inputsFor } from '../../../models/pldr/index.ts';
import { dagLoss } from '../../../models/pldr/train/dag-loss.ts';
import type { Device } from '../../../runtime/device.ts';
import { trainingInputs } from '../../grad/model-loss.ts';
import { openTraining, parametersFrom, type TrainingCase } from '../../grad/reference-case.ts';
import { expectNear } from '../../std/support.ts';
import { openTestCpu } from '../../support/device.ts';
import { interpreted, onDevice, type Run } from './support.ts';

const COEFFICIENTS = { A_LM: 0.05, A_P: 0.05, G: 0.05 };

let device: Device;
beforeAll(async () => { device = await openTestCpu(); });
afterAll(() => device.close());

interface Training {
  readonly loss: AnyTensor;
  readonly parameters: readonly ParameterNode[];
  readonly gradients: readonly AnyTensor[];
}

/** The authors' loss of a language model, DAG terms where a case is trained with them, and its gradients. */
function trainingOf({ config }: TrainingCase, rows: number, regularised: boolean): Training {
  const axes = axesFor(config, rows);
  const { hidden, layers } = decoder(inputsFor(axes), axes, config);
  const logits = head(hidden, axes, config);
  const entropy = crossEntropy(logits, input('targets', [axes.Batch, axes.Pos], 'i32'), axes.Vocab, { ignore: 0 });
  const loss = regularised ? add(entropy, dagLoss(layers, COEFFICIENTS, axes).loss) : entropy;
  const parameters = topological([loss.node]).filter((n): n is ParameterNode => n.kind === 'parameter');
  return { loss, parameters, gradients: grad(loss, parameters.map((p) => tensorOf(p))) };
}

async function expectAuthors(name: string, run: Run): Promise<void> {
  const recorded = await openTraining(name);
  const [rows] = recorded.batches;
  const { loss, parameters, gradients } = trainingOf(recorded, rows.length, name === 'v51-dag');
  const outputs = { loss, ...Object.fromEntries(parameters.map((p, i) => [p.name, gradients[i]])) };
  const env = { ...trainingInputs(recorded.config, rows), parameters: parametersFrom(recorded, parameters) };
  const got = await run(outputs, () => env);
  expectNear(got['loss'].data[0], recorded.loss, 1e-6);
  expect(parameters.map((p) => p.name).sort()).toEqual([...recorded.gradients.keys()].sort());
  for (const [weight, expected] of recorded.gradients) {
    expected.forEach((x, i) => expectNear(got[weight].data[i], x, 0, 10 * recorded.spread));
  }
}

describe('gradients of the loss are the authors\'', () => {
  test('v51-dag, with the three terms, interpreted', () => expectAuthors('v51-dag', interpreted));
  test.each(['v51-dag', 'v51-small', 'v51G-identity'])('%s, on the CPU', (name) =>
    expectAuthors(name, onDevice(() => device)));
});
