import { operands, topological } from '../../dsl/graph.ts';
import type { InputNode, Node, ParameterNode } from '../../dsl/node.ts';
import { emptyDense, type Dense, type Sizes } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import type { GivenGraph } from '../../verify/arbitraries/graphs/given.ts';
import { writeNumber } from './exact-number.ts';
import { Fields, wrong } from './fields.ts';
import { readNode, writeOperation } from './node-json.ts';

/**
 * A graph as JSON: distinct values in a list, operands before users, which name them by their places (`of`); and the
 * numbers of every input and parameter, row-major. What the outputs do not need is left out.
 */
export function writeGraph({ outputs, env }: GivenGraph) {
  const order = topological(outputs);
  const places = new Map(order.map((node, i) => [node.key, i]));
  const placesOf = (nodes: readonly Node[]) => nodes.map((n) => places.get(n.key));
  const nodes = order.map((node) => {
    const xs = operands(node);
    return { ...writeOperation(node), ...(xs.length > 0 ? { of: placesOf(xs) } : {}) };
  });
  const values = (kind: 'input' | 'parameter', from: Environment['inputs'] = {}) => Object.fromEntries(
    order.flatMap((n) => (n.kind === kind ? [[n.name, Array.from(from[n.name]?.data ?? [], writeNumber)]] : [])),
  );
  return {
    nodes, outputs: placesOf(outputs), sizes: env.sizes ?? {},
    inputs: values('input', env.inputs), parameters: values('parameter', env.parameters),
  };
}

/**
 * The graph that `writeGraph` wrote, made by the constructors of nodes.
 * @throws `replay/field`, what the constructors of nodes throw, and `interpret/size` for sizes that an axis cannot have
 */
export function readGraph(json: Fields): GivenGraph {
  const nodes: Node[] = [];
  const made = (place: number, where: string): Node => {
    if (nodes[place] === undefined) throw wrong(where, 'places of values in the list before', place);
    return nodes[place];
  };
  json.list('nodes').forEach((one, i) => {
    const [where, fields] = [`nodes[${i}]`, new Fields(one, `nodes[${i}]`)];
    const xs = fields.has('of') ? fields.integers('of').map((place) => made(place, `${where}.of`)) : [];
    nodes.push(readNode(fields, xs, where));
  });
  const outputs = json.integers('outputs').map((place) => made(place, 'outputs'));
  const sizes = json.object('sizes');
  return { outputs, env: readValues(outputs, json, Object.fromEntries(sizes.names.map((n) => [n, sizes.integer(n)]))) };
}

function readValues(outputs: readonly Node[], json: Fields, sizes: Sizes): Environment {
  const [inputs, parameters]: Record<string, Dense>[] = [{}, {}];
  for (const node of topological(outputs)) {
    if (node.kind === 'input') inputs[node.name] = readDense(node, json.object('inputs'), sizes);
    if (node.kind === 'parameter') parameters[node.name] = readDense(node, json.object('parameters'), sizes);
  }
  return { inputs, parameters, sizes };
}

function readDense(node: InputNode | ParameterNode, json: Fields, sizes: Sizes): Dense {
  const shape = emptyDense(node.axes, sizes);
  const data = Float64Array.from(json.numbers(node.name));
  if (data.length === shape.data.length) return { ...shape, data };
  throw wrong(`${node.kind}s.${node.name}`, `${shape.data.length} numbers`, data.length);
}
