import { emptyDense, type Dense } from '../../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../../compiler/interpret/interpret.ts';
import { stage } from '../../../compiler/passes/stage.ts';
import { topological } from '../../../dsl/graph.ts';
import type { Node } from '../../../dsl/node.ts';
import type { AnyTensor } from '../../../dsl/index.ts';
import { layoutPrompt, openCheckpoint, type Padding, type Prompt } from '../../../models/pldr/index.ts';
import type { Device } from '../../../runtime/device.ts';
import { interpretedModel, type InterpretedModel } from '../../../verify/index.ts';
import { caseFolder } from '../fixtures.ts';
import { runGraph } from '../../support/device.ts';

/** The model of a reference case, for the interpreter. */
export const modelOf = async (name: string): Promise<InterpretedModel> =>
  interpretedModel(await openCheckpoint(caseFolder(name), { suppliesG: false }));

/** What a graph over a model is run on: its weights, a prompt laid out, and more of both by name. */
export function environmentOf(
  roots: readonly Node[], { config, weights }: InterpretedModel, prompt: Prompt, padding: Padding,
  more: ReadonlyMap<string, Float64Array> = new Map(),
): Environment {
  const layout = layoutPrompt(prompt, padding, {
    vocab: config.vocabSize, context: config.contextLength, padId: config.padId ?? 0,
  });
  const sizes = { pos: layout.length, batch: prompt.rows.length };
  const { ids, position, present, attends } = layout;
  const visible = prompt.rows.flatMap((_, r) =>
    [...layout.visible.subarray(r * config.contextLength, r * config.contextLength + layout.length)]);
  const given = new Map<string, ArrayLike<number>>(Object.entries({ ids, position, present, attends, visible }));
  return environmentFrom(roots, new Map([...more, ...given]), new Map([...weights, ...more]), sizes);
}

/** The inputs and parameters that graphs read, from their numbers by name. */
export function environmentFrom(
  roots: readonly Node[], given: ReadonlyMap<string, ArrayLike<number>>, weights: ReadonlyMap<string, ArrayLike<number>>,
  sizes: Readonly<Record<string, number>>,
): Environment {
  const inputs: Record<string, Dense> = {};
  const parameters: Record<string, Dense> = {};
  for (const node of topological(roots)) {
    if (node.kind === 'input') inputs[node.name] = filled(node, given.get(node.name), sizes);
    if (node.kind === 'parameter') parameters[node.name] = filled(node, weights.get(node.name), {});
  }
  return { inputs, parameters, sizes };
}

function filled(
  node: Extract<Node, { kind: 'input' | 'parameter' }>, data: ArrayLike<number> | undefined,
  sizes: Readonly<Record<string, number>>,
): Dense {
  const shape = emptyDense(node.axes, sizes);
  if (data?.length !== shape.data.length) throw new Error(`${node.name} has ${data?.length} numbers`);
  return { ...shape, data: Float64Array.from(data) };
}

/** Ways to run a graph: the interpreter, or a device. */
export type Run = (outputs: Readonly<Record<string, AnyTensor>>, env: (roots: readonly Node[]) => Environment) =>
  Promise<Readonly<Record<string, Dense>>>;

export const interpreted: Run = (outputs, env) => {
  const roots = Object.values(outputs).map((x) => x.node);
  const values = interpret(roots, env(roots));
  return Promise.resolve(Object.fromEntries(Object.keys(outputs).map((name, i) => [name, values[i]])));
};

/** As a program of its own, which keeps nothing. */
export const onDevice = (device: () => Device): Run => (outputs, env) => {
  const roots = Object.values(outputs).map((x) => x.node);
  const staged = stage(roots, { supplied: new Set(), kept: new Set(), caches: 'none' });
  const nodes = Object.fromEntries(Object.keys(outputs).map((name, i) => [name, staged.outputs[i]]));
  return runGraph(device(), nodes, env(staged.outputs));
};
