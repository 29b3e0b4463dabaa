import { RicciError } from '../dsl/errors.ts';
import type { Node, ParameterNode } from '../dsl/node.ts';
import type { Drafted } from './draft.ts';
import { bytesOf, isLeaf } from './fuse/cost.ts';
import { stateLabel } from './passes/stage.ts';
import type { Region, Value, WeightLayout, WeightPlace } from './program.ts';

/** Where each value of a program lies, by its key. @throws `compiler/weight-unplaced` */
export function placeAll(
  d: Drafted, layout: WeightLayout, constants: ReadonlyMap<string, number>, arena: ReadonlyMap<string, number>,
): ReadonlyMap<string, Region> {
  const regions = new Map<string, Region>();
  for (const [key, offset] of arena) {
    const node = d.nodes.get(key);
    if (node !== undefined) regions.set(key, { space: 'arena', buffer: 'arena', offset, bytes: bytesOf(node) });
  }
  const used = new Set(d.kernels.flatMap((k) => k.computations.flatMap((c) => [...c.reads])));
  // A weight that no kernel reads (an argument that its function ignores) has no place.
  for (const node of d.nodes.values()) {
    if (isLeaf(node) && (node.kind !== 'parameter' || used.has(node.key))) {
      regions.set(node.key, leafRegion(node, layout, constants));
    }
  }
  for (const [key, weight] of d.overwrites) regions.set(key, weightRegion(weight, layout));
  for (const [name, node] of d.outputs) {
    if (regions.has(node.key)) continue;
    const weight = layout.weights[name];
    regions.set(node.key, weight?.derived === true
      ? weightPlace(weight)
      : { space: 'output', buffer: name, offset: 0, bytes: bytesOf(node) });
  }
  // A state's place wins over an output's: the output is then read from the state.
  for (const [label, node] of d.states) {
    regions.set(node.key, { space: 'state', buffer: label, offset: 0, bytes: bytesOf(node) });
  }
  return regions;
}

function leafRegion(node: Node, layout: WeightLayout, constants: ReadonlyMap<string, number>): Region {
  const bytes = bytesOf(node);
  if (node.kind === 'parameter') return weightRegion(node, layout);
  if (node.kind === 'table') {
    return { space: 'constants', buffer: 'constants', offset: constants.get(node.key) ?? 0, bytes };
  }
  const name = node.kind === 'input' ? node.name : '';
  const label = stateLabel(name);
  return label === undefined
    ? { space: 'input', buffer: name, offset: 0, bytes }
    : { space: 'state', buffer: label, offset: 0, bytes };
}

const weightPlace = ({ buffer, offset, bytes }: WeightPlace): Region => ({ space: 'weights', buffer, offset, bytes });

function weightRegion(node: ParameterNode, layout: WeightLayout): Region {
  const place = layout.weights[node.name];
  if (place !== undefined) return weightPlace(place);
  throw new RicciError({
    code: 'compiler/weight-unplaced',
    message: `The weight "${node.name}" is not in the layout that this program was given.`,
    hint: 'Compile this program together with those that share its weights.',
    place: node.origin.place,
  });
}

/** A value as callers see it. */
export const valueOf = (node: Node, regions: ReadonlyMap<string, Region>): Value => {
  const region = regions.get(node.key);
  if (region === undefined) throw new Error('compile: an output without a place');
  return { region, dtype: node.dtype, axes: node.axes.map((a) => ({ name: a.name, size: a.size })) };
};

export function inputsOf(d: Drafted, regions: ReadonlyMap<string, Region>): Readonly<Record<string, Value>> {
  const inputs = [...d.nodes.values()].filter((n) => n.kind === 'input' && stateLabel(n.name) === undefined);
  return Object.fromEntries(inputs.map((n) => [n.kind === 'input' ? n.name : '', valueOf(n, regions)]));
}

/** All states that the program reads or writes. */
export function statesOf(d: Drafted, regions: ReadonlyMap<string, Region>): Readonly<Record<string, Value>> {
  const read = [...d.nodes.values()].flatMap((n): (readonly [string, Node])[] => {
    const label = n.kind === 'input' ? stateLabel(n.name) : undefined;
    return label === undefined ? [] : [[label, n]];
  });
  return Object.fromEntries([...read, ...d.states].map(([label, node]) => [label, valueOf(node, regions)]));
}
