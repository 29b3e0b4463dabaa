import type { Axis, SizeSymbol } from '../axis.ts';
import { sizeKey } from '../nodes/common.ts';
import type { Arg, Call } from './call.ts';
import { WIDTH } from './layout.ts';
import { capitalised, type Names } from './names.ts';

/** Axes and the symbols of their sizes, each declared once. Two sizes of one name are two axes. */
export class Declarations {
  readonly #axes = new Map<string, { readonly name: string; readonly axis: Axis }>();
  readonly #symbols = new Map<string, { readonly name: string; readonly symbol: SizeSymbol }>();

  constructor(calls: ReadonlyMap<string, Call>, names: Names) {
    const axes = [...calls.values()].toReversed().flatMap((call) => axesOf(call.args));
    for (const { size } of axes) {
      if (typeof size === 'number' || this.#symbols.has(symbolKey(size))) continue;
      this.#symbols.set(symbolKey(size), { name: names.take(size.symbol), symbol: size });
    }
    for (const axis of axes) {
      if (this.#axes.has(axisKey(axis))) continue;
      this.#axes.set(axisKey(axis), { name: names.take(capitalised(axis.name)), axis });
    }
  }

  nameOf(axis: Axis): string {
    return this.#axes.get(axisKey(axis))?.name ?? axis.name;
  }

  get imports(): readonly string[] {
    return [...(this.#axes.size > 0 ? ['axis'] : []), ...(this.#symbols.size > 0 ? ['symbol'] : [])];
  }

  get lines(): readonly string[] {
    const symbols = [...this.#symbols.values()].map(({ name, symbol: { symbol, max } }) =>
      `const ${name} = symbol('${symbol}', ${max});`);
    const axes = [...this.#axes.values()].map(({ name, axis: { name: of, size } }) =>
      ({ name, made: `axis('${of}', ${typeof size === 'number' ? size : this.#symbols.get(symbolKey(size))?.name})` }));
    return [...symbols, ...together(axes)];
  }
}

interface Declared { readonly name: string; readonly made: string }

/** `const [Pos, Key] = [axis(…), axis(…)];`: as many as a line holds. */
function together(all: readonly Declared[]): readonly string[] {
  const lines: string[] = [];
  let line: readonly Declared[] = [];
  for (const one of all) {
    if (line.length > 0 && declaration([...line, one]).length > WIDTH) {
      lines.push(declaration(line));
      line = [];
    }
    line = [...line, one];
  }
  return line.length > 0 ? [...lines, declaration(line)] : lines;
}

function declaration(axes: readonly Declared[]): string {
  const [names, made] = [axes.map((a) => a.name).join(', '), axes.map((a) => a.made).join(', ')];
  return axes.length === 1 ? `const ${names} = ${made};` : `const [${names}] = [${made}];`;
}

const axesOf = (args: readonly Arg[]): readonly Axis[] => args.flatMap((arg) =>
  (arg.kind === 'axis' ? [arg.axis] : arg.kind === 'list' ? axesOf(arg.items) : []));

const symbolKey = ({ symbol, max }: SizeSymbol): string => `${symbol}<${max}`;

const axisKey = (axis: Axis): string => `${axis.name}:${sizeKey(axis)}`;
