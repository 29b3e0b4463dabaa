import { showAxes, type Axis } from './axis.ts';
import { operands, topological } from './graph.ts';
import type { Node } from './node.ts';
import { argumentNames, print } from './scalar/print.ts';

/** Numbers of a constant tensor that are shown before the rest is left out. */
const SHOWN_NUMBERS = 6;

/**
 * A graph as text, one line for each distinct value, operands before users, the roots named at the end:
 *
 *     %3 = dot(%1, %2, over embed) : [batch: 2, pos: pos ≤ 8]
 *     return %3
 *
 * Types are written where they are not f32.
 */
export function showGraph(roots: readonly Node[]): string {
  const lines = graphLines(roots);
  const names = new Map(lines.map(({ node, name }) => [node.key, name]));
  return [
    ...lines.map(({ name, text, type }) => `${name} = ${text} : ${type}`),
    `return ${roots.map((r) => names.get(r.key)).join(', ')}`,
  ].join('\n');
}

/** One distinct value of a graph in the words of `showGraph`. */
export interface NodeLine {
  readonly node: Node;
  /** `%3` */
  readonly name: string;
  /** `dot(%1, %2, over embed)` */
  readonly text: string;
  /** `[batch: 2, pos: pos ≤ 8]`, after the type where that is not f32. */
  readonly type: string;
}

/** The lines of `showGraph`, operands before users. */
export function graphLines(roots: readonly Node[]): readonly NodeLine[] {
  const numbers = new Map<string, string>();
  return topological(roots).map((node, i) => {
    const name = `%${i}`;
    numbers.set(node.key, name);
    const text = showNode(node, operands(node).map((x) => numbers.get(x.key) ?? '?'));
    return { node, name, text, type: showType(node) };
  });
}

const showType = (node: Node): string => (node.dtype === 'f32' ? '' : `${node.dtype} `) + showAxes(node.axes);

const called = (name: string, ...parts: readonly string[]): string => `${name}(${parts.join(', ')})`;

/** One value in the words of the language, its operands by the names given. */
function showNode(node: Node, xs: readonly string[]): string {
  switch (node.kind) {
    case 'input': case 'parameter': {
      return called(node.kind, `"${node.name}"`, ...(node.storage === 'f32' ? [] : [node.storage]));
    }
    case 'constant': return String(node.value);
    case 'table': return called('table', ...showNumbers(node.data));
    case 'iota': return called('iota', node.axis.name);
    case 'random': return called('random', String(node.seed));
    case 'map': return called('map', print(node.fn, argumentNames(node.fn.arity)), ...xs);
    case 'quantize': return called('quantize', ...xs, node.storage);
    case 'reduce': return called(node.monoid, ...xs, `over ${node.over.name}`);
    case 'dot': return called('dot', ...xs, `over ${node.over.name}`);
    case 'rename': return called('rename', ...xs, changed([node.from], [node.to]));
    case 'split': return called('split', ...xs, changed([node.from], [node.outer, node.inner]));
    case 'merge': return called('merge', ...xs, changed([node.outer, node.inner], [node.to]));
    case 'slice': return called('slice', ...xs, `${node.axis.name} from ${node.start}`);
    case 'pad': return called('pad', ...xs, `${node.axis.name} by ${node.value}, ${node.before} before`);
    case 'concat': return called('concat', ...xs, `along ${node.axis.name}`);
    case 'gather': return called('gather', xs[0], `${node.axis.name} at ${xs[1]}`);
    case 'scatterAdd': return called('scatterAdd', xs[0], `at ${xs[1]}`, changed([node.over], [node.to]));
    case 'freeze': return called('freeze', ...xs, `"${node.label}"`);
    case 'cache': return called('cache', ...xs, changed([node.from], [node.to]), `"${node.label}"`);
    case 'stopGradient': return called('stopGradient', ...xs);
    case 'append': return called('append', xs[0], xs[1], changed([node.from], [node.to]), `at ${xs[2] ?? 0}`);
  }
}

const names = (axes: readonly Axis[]): string => axes.map((a) => a.name).join(' · ');

const changed = (from: readonly Axis[], to: readonly Axis[]): string => `${names(from)} → ${names(to)}`;

function showNumbers(data: Float64Array): readonly string[] {
  const shown = Array.from(data.slice(0, SHOWN_NUMBERS), String);
  return data.length > SHOWN_NUMBERS ? [...shown, '…'] : shown;
}
