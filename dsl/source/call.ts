import { axisNamed, type Axis } from '../axis.ts';
import { RicciError } from '../errors.ts';
import { padAfter } from '../graph.ts';
import type { DType, MapNode, Monoid, Node } from '../node.ts';
import type { ScalarExpr } from '../scalar/expr.ts';
import { operationName, scalarName, softmaxOf } from './known.ts';

/** One argument of a call as it is written in a program. */
export type Arg =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly node: Node }
  | { readonly kind: 'axis'; readonly axis: Axis }
  | { readonly kind: 'list'; readonly items: readonly Arg[] }
  | { readonly kind: 'function'; readonly fn: ScalarExpr }
  /** Something that the language exports. */
  | { readonly kind: 'export'; readonly name: string };

/** The call of a public operation that makes a node. */
export interface Call {
  readonly name: string;
  readonly args: readonly Arg[];
}

const text = (t: string | number): Arg => ({ kind: 'text', text: typeof t === 'string' ? t : numberText(t) });
const value = (node: Node): Arg => ({ kind: 'value', node });
const axis = (a: Axis): Arg => ({ kind: 'axis', axis: a });
const list = (items: readonly Arg[]): Arg => ({ kind: 'list', items });
const axes = (all: readonly Axis[]): Arg => list(all.map(axis));
const call = (name: string, ...args: readonly Arg[]): Call => ({ name, args });

/** As a person would write it: `-1e9`, where an exponent saves many zeros. */
function numberText(x: number): string {
  const [plain, short] = [String(x), x.toExponential()].map((t) => t.replace('e+', 'e'));
  if (Object.is(x, -0)) return '-0';
  return Number.isFinite(x) && short.length + 3 < plain.length ? short : plain;
}

/** A string literal in single quotes. */
const quoted = (s: string): Arg =>
  text(`'${JSON.stringify(s).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`);

/** The type of numbers, where it is not what the operation takes it for. */
const typed = (dtype: DType): readonly Arg[] => (dtype === 'f32' ? [] : [quoted(dtype)]);

const REDUCTIONS: Readonly<Record<Exclude<Monoid, 'compensated'>, string>> = {
  sum: 'sum', prod: 'product', max: 'max', min: 'min',
};

/**
 * The public operation that makes a node, with its arguments.
 * @throws `dsl/no-source` for what only passes and staging make
 */
export function callOf(node: Node): Call {
  switch (node.kind) {
    case 'input': case 'parameter': case 'constant': case 'table': case 'iota': case 'random': return leafCall(node);
    case 'map': return mapCall(node);
    case 'reduce':
      if (node.monoid === 'compensated') throw noSource(node, 'a compensated sum without a product');
      return call(REDUCTIONS[node.monoid], value(node.x), axis(node.over));
    case 'dot': {
      const options = node.monoid === 'compensated' ? [text('{ compensated: true }')] : [];
      return call('dot', value(node.a), value(node.b), axis(node.over), ...options);
    }
    case 'rename': case 'split': case 'merge': case 'slice': case 'pad': return viewCall(node);
    case 'concat': return call('concat', list(node.xs.map(value)), axis(joinedAxis(node)));
    case 'gather': {
      const at = node.index.kind === 'constant' ? text(node.index.value) : value(node.index);
      return call('gather', value(node.x), axis(node.axis), at);
    }
    case 'scatterAdd': return call('scatterAdd', value(node.x), value(node.index), axis(node.over), axis(node.to));
    case 'stopGradient': return call('stopGradient', value(node.x));
    case 'freeze': return call('freeze', value(node.x), quoted(node.label));
    case 'cache': return call('cache', value(node.x), axis(node.from), axis(node.to), quoted(node.label));
    case 'quantize':
      if (node.storage !== 'f16') throw noSource(node, 'a rounding to integers');
      return call('half', value(node.x));
    case 'append': throw noSource(node, 'a state with new rows');
  }
}

type Leaf = Extract<Node, { kind: 'input' | 'parameter' | 'constant' | 'table' | 'iota' | 'random' }>;

function leafCall(node: Leaf): Call {
  switch (node.kind) {
    case 'input':
      if (node.storage !== 'f32') throw noSource(node, `an input that is kept as ${node.storage}`);
      return call('input', quoted(node.name), axes(node.axes), ...typed(node.dtype));
    case 'parameter': {
      if (node.dtype !== 'f32') throw noSource(node, `a parameter of the type ${node.dtype}`);
      const options = node.storage === 'f32' ? [] : [text(`{ storage: '${node.storage}' }`)];
      return call('parameter', quoted(node.name), axes(node.axes), ...options);
    }
    case 'constant': return call('constant', text(node.value), ...typed(node.dtype));
    case 'table': return call('table', list(Array.from(node.data, text)), axes(node.axes), ...typed(node.dtype));
    case 'iota': return call('iota', axis(node.axis));
    case 'random': return call('random', text(node.seed), axes(node.axes));
  }
}

function mapCall(node: MapNode): Call {
  const folded = softmaxOf(node);
  if (folded !== undefined) return call('softmax', value(folded.x), axis(folded.over));
  const args = node.args.map((x) => (x.kind === 'constant' && x.dtype === 'f32' ? text(x.value) : value(x)));
  const name = operationName(node);
  // `toInt` takes no plain number.
  if (name === 'toInt') return call(name, ...node.args.map(value));
  if (name !== undefined) return call(name, ...args);
  const known = scalarName(node.fn);
  const fn: Arg = known === undefined ? { kind: 'function', fn: node.fn } : { kind: 'export', name: known };
  return call(node.dtype === 'f32' ? 'map' : 'mapInt', fn, ...args);
}

function viewCall(node: Extract<Node, { kind: 'rename' | 'split' | 'merge' | 'slice' | 'pad' }>): Call {
  const x = value(node.x);
  switch (node.kind) {
    case 'rename': return call('rename', x, axis(node.from), axis(node.to));
    case 'split': return call('split', x, axis(node.from), axis(node.outer), axis(node.inner));
    case 'merge': return call('merge', x, axis(node.outer), axis(node.inner), axis(node.to));
    case 'slice': return call('slice', x, axis(before(node)), text(node.start), text(Number(node.axis.size)));
    case 'pad': {
      const filled = Object.is(node.value, 0) ? [] : [text(node.value)];
      return call('pad', x, axis(before(node)), text(node.before), text(padAfter(node)), ...filled);
    }
  }
}

/** The operand's own axis of that name: its size is another one. */
const before = ({ x, axis: a }: Extract<Node, { kind: 'slice' | 'pad' }>): Axis => axisNamed(x.axes, a.name) ?? a;

/** The first operand's, where one has it: `concat([x, y], Pos)` has more positions than `Pos`. */
const joinedAxis = ({ xs, axis: a }: Extract<Node, { kind: 'concat' }>): Axis =>
  xs.map((x) => axisNamed(x.axes, a.name)).find((own) => own !== undefined) ?? a;

const noSource = (node: Node, what: string): RicciError => new RicciError({
  code: 'dsl/no-source',
  message: `No operation of the language makes ${what} (a node "${node.kind}").`,
  hint: 'Print the graph as it was declared, before passes and staging.',
  place: node.origin.place,
});
