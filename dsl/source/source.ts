import type { Axis } from '../axis.ts';
import type { Node } from '../node.ts';
import { Declarations } from './declarations.ts';
import { enclosed } from './layout.ts';
import { Names } from './names.ts';
import { programOf, type Program } from './program.ts';
import { Values } from './values.ts';

export interface SourceOptions {
  /** The module that the operations are imported from; `ricci/dsl` where nothing is said. */
  readonly from?: string;
  /** Names of the results; `output`, or `output1`, `output2`, … of several, where nothing is said. */
  readonly outputs?: readonly string[];
}

/** A program as text, and how it names what it declares. */
export interface DslSource {
  readonly text: string;
  /** The constant that holds an axis of a result. */
  readonly axisName: (axis: Axis) => string;
}

/**
 * A graph as the TypeScript that makes it anew with the public operations of the language: imports, axes, a constant
 * for each value that is used twice, and the results. What it makes has the graph's keys.
 *
 *     import { axis, input, softmax } from 'ricci/dsl';
 *
 *     const Embed = axis('embed', 4);
 *
 *     const x = input('x', [Embed]);
 *     const output = softmax(x, Embed);
 *
 * @throws RicciError `dsl/no-source` for what only passes and staging make
 */
export const dslSource = (roots: readonly Node[], options: SourceOptions = {}): string =>
  describeSource(roots, options).text;

/** As `dslSource`, for a caller who goes on in the names of the program. */
export function describeSource(roots: readonly Node[], { from = 'ricci/dsl', outputs }: SourceOptions = {}): DslSource {
  const program = programOf(roots);
  const names = new Names();
  const results = roots.map((_, i) => names.take(outputs?.[i] ?? (roots.length === 1 ? 'output' : `output${i + 1}`)));
  const declared = new Declarations(program.calls, names);
  const values = new Values(program, names, (a) => declared.nameOf(a));
  const body = values.lines(roots, results);
  const imports = [...new Set([...exportsOf(program), ...declared.imports, ...values.imports])].toSorted();
  const text = [
    [enclosed('import { ', imports, ` } from '${from}';`)], declared.lines, body,
  ].filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n');
  return { text, axisName: (a) => declared.nameOf(a) };
}

/** The operations that are called, and what they are given of the language's own. */
const exportsOf = ({ calls }: Program): readonly string[] =>
  [...calls.values()].flatMap(({ name, args }) =>
    [name, ...args.flatMap((arg) => (arg.kind === 'export' ? [arg.name] : []))]);
