import { axisNamed } from '../../dsl/axis.ts';
import type { DType, Monoid, Node, RoundedStorage, Storage, WeightStorage } from '../../dsl/node.ts';
import { makeDot, makeReduce } from '../../dsl/nodes/contraction.ts';
import { makeGather, makeScatterAdd } from '../../dsl/nodes/indexing.ts';
import { makeConstant, makeInput, makeIota, makeParameter, makeRandom, makeTable } from '../../dsl/nodes/leaves.ts';
import { makeMap } from '../../dsl/nodes/pointwise.ts';
import { makeQuantize } from '../../dsl/nodes/quantize.ts';
import { makeAppend, makeCache, makeFreeze } from '../../dsl/nodes/staging.ts';
import { makeStopGradient } from '../../dsl/nodes/stop-gradient.ts';
import { makeConcat, makeMerge, makePad, makeRename, makeSlice, makeSplit } from '../../dsl/nodes/views.ts';
import { NOWHERE } from '../../verify/arbitraries/graphs/ops.ts';
import { writeNumber } from './exact-number.ts';
import { writeAxis, wrong, type Fields, type Words } from './fields.ts';
import { readScalar, writeScalar } from './scalar-json.ts';

const KINDS: Words<Node['kind']> = {
  input: true, parameter: true, constant: true, table: true, iota: true, random: true, map: true, quantize: true,
  reduce: true, dot: true, rename: true, split: true, merge: true, slice: true, pad: true, concat: true, gather: true,
  scatterAdd: true, freeze: true, cache: true, append: true, stopGradient: true,
};
const DTYPES: Words<DType> = { f32: true, i32: true };
const MONOIDS: Words<Monoid> = { sum: true, compensated: true, prod: true, max: true, min: true };
const SUMS: Words<'sum' | 'compensated'> = { sum: true, compensated: true };
const ROUNDED: Words<RoundedStorage> = { int8: true, int16: true, f16: true };
export const WEIGHTS: Words<WeightStorage> = { f32: true, bf16: true, f16: true, int8: true };
const STORAGES: Words<Storage> = { ...WEIGHTS, ...ROUNDED };

/** What a node does to its operands, as JSON: what its constructor is told besides them. */
export function writeOperation(node: Node): Readonly<Record<string, unknown>> {
  const { kind, dtype, axes } = node;
  switch (kind) {
    case 'input': case 'parameter':
      return { kind, name: node.name, axes: axes.map(writeAxis), dtype, storage: node.storage };
    case 'constant': return { kind, value: writeNumber(node.value), dtype };
    case 'table': return { kind, axes: axes.map(writeAxis), dtype, data: Array.from(node.data, writeNumber) };
    case 'iota': return { kind, axis: writeAxis(node.axis) };
    case 'random': return { kind, seed: node.seed, axes: axes.map(writeAxis) };
    case 'map': return { kind, fn: writeScalar(node.fn), dtype, ...writeCode(node) };
    case 'quantize': return { kind, storage: node.storage };
    case 'reduce': case 'dot': return { kind, over: node.over.name, monoid: node.monoid };
    case 'rename': return { kind, from: node.from.name, to: writeAxis(node.to) };
    case 'split':
      return { kind, from: node.from.name, outer: writeAxis(node.outer), inner: writeAxis(node.inner) };
    case 'merge': return { kind, outer: node.outer.name, inner: node.inner.name, to: writeAxis(node.to) };
    case 'slice': return { kind, axis: node.axis.name, start: node.start, size: node.axis.size };
    case 'pad':
      return { kind, axis: node.axis.name, before: node.before, after: after(node), value: writeNumber(node.value) };
    case 'concat': case 'gather': return { kind, axis: node.axis.name };
    case 'scatterAdd': return { kind, over: node.over.name, to: writeAxis(node.to) };
    case 'freeze': return { kind, label: node.label };
    case 'stopGradient': return { kind };
    case 'cache': return { kind, from: node.from.name, to: writeAxis(node.to), label: node.label };
    case 'append': return { kind, from: node.from.name, to: node.to.name };
  }
}

function after(node: Extract<Node, { kind: 'pad' }>): number {
  return Number(node.axis.size) - node.before - Number(axisNamed(node.x.axes, node.axis.name)?.size);
}

/** The text of a function counts in keys; it is left out where the constructor makes the same from what is written. */
function writeCode({ fn, code }: Extract<Node, { kind: 'map' }>): { readonly code?: string } {
  return JSON.stringify(readScalar(writeScalar(fn), 'fn')) === code ? {} : { code };
}

/**
 * A node by its constructor, over operands that were made before.
 * @throws `replay/field`, and what the constructor throws
 */
export function readNode(json: Fields, xs: readonly Node[], where: string): Node {
  const kind = json.word('kind', KINDS);
  const x = (i: number): Node => {
    if (xs[i] !== undefined) return xs[i];
    throw wrong(`${where}.of`, `the operands of ${kind}`, json.has('of') ? json.raw('of') : []);
  };
  switch (kind) {
    case 'input': case 'parameter': case 'constant': case 'table': case 'iota': case 'random':
      return readLeaf(kind, json);
    case 'map': return readMap(json, xs, where);
    case 'quantize': return makeQuantize(x(0), json.word('storage', ROUNDED), NOWHERE);
    case 'reduce': return makeReduce(json.word('monoid', MONOIDS), x(0), json.text('over'), NOWHERE);
    case 'dot': return makeDot(x(0), x(1), json.text('over'), NOWHERE, json.word('monoid', SUMS));
    case 'rename': case 'split': case 'merge': case 'slice': case 'pad': return readView(kind, json, x(0));
    case 'concat': return makeConcat(xs, json.text('axis'), NOWHERE);
    case 'gather': return makeGather(x(0), json.text('axis'), x(1), NOWHERE);
    case 'scatterAdd': return makeScatterAdd(x(0), x(1), json.text('over'), json.axis('to'), NOWHERE);
    case 'stopGradient': return makeStopGradient(x(0), NOWHERE);
    case 'freeze': return makeFreeze(x(0), json.text('label'), NOWHERE);
    case 'cache': return makeCache(x(0), json.text('from'), json.axis('to'), json.text('label'), NOWHERE);
    case 'append': return makeAppend(x(0), x(1), xs[2], json.text('from'), json.text('to'), NOWHERE);
  }
}

type LeafKind = 'input' | 'parameter' | 'constant' | 'table' | 'iota' | 'random';

function readLeaf(kind: LeafKind, json: Fields): Node {
  const dtype = (): DType => json.word('dtype', DTYPES);
  switch (kind) {
    case 'input':
      return makeInput(json.text('name'), json.axes('axes'), dtype(), NOWHERE, json.word('storage', STORAGES));
    case 'parameter':
      return makeParameter(json.text('name'), json.axes('axes'), dtype(), NOWHERE, json.word('storage', WEIGHTS));
    case 'constant': return makeConstant(json.number('value'), dtype(), NOWHERE);
    case 'table': return makeTable(Float64Array.from(json.numbers('data')), json.axes('axes'), dtype(), NOWHERE);
    case 'iota': return makeIota(json.axis('axis'), NOWHERE);
    case 'random': return makeRandom(json.integer('seed'), json.axes('axes'), NOWHERE);
  }
}

function readMap(json: Fields, xs: readonly Node[], where: string): Node {
  const fn = readScalar(json.raw('fn'), `${where}.fn`);
  const dtype = json.word('dtype', DTYPES);
  return json.has('code') ? makeMap(fn, xs, dtype, NOWHERE, json.text('code')) : makeMap(fn, xs, dtype, NOWHERE);
}

type ViewKind = 'rename' | 'split' | 'merge' | 'slice' | 'pad';

function readView(kind: ViewKind, json: Fields, x: Node): Node {
  switch (kind) {
    case 'rename': return makeRename(x, json.text('from'), json.axis('to'), NOWHERE);
    case 'split': return makeSplit(x, json.text('from'), json.axis('outer'), json.axis('inner'), NOWHERE);
    case 'merge': return makeMerge(x, json.text('outer'), json.text('inner'), json.axis('to'), NOWHERE);
    case 'slice': return makeSlice(x, json.text('axis'), json.integer('start'), json.integer('size'), NOWHERE);
    case 'pad': {
      const [before, behind] = [json.integer('before'), json.integer('after')];
      return makePad(x, json.text('axis'), before, behind, json.number('value'), NOWHERE);
    }
  }
}
