import type { Place } from '../../../dsl/errors.ts';
import type { KernelGraph } from '../kernel-graph.ts';
import type { Sources } from '../source-place.ts';

/** A line of a user's source, and the kernels that compute what it says. */
export interface SourceLine {
  /** Where a page shows it. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** `file:line` */
  readonly name: string;
  /** What stands there, where the file can be read. */
  readonly text: string | undefined;
  /** Program → numbers of its kernels, in the order in which they run. */
  readonly kernels: ReadonlyMap<string, readonly number[]>;
}

export interface SourceLines {
  /** By file, then by line. */
  readonly all: readonly SourceLine[];
  /** The line of a place; undefined where nothing computed comes from it. */
  of(place: Place | undefined): SourceLine | undefined;
  /** The line called `file:line`. */
  named(name: string): SourceLine | undefined;
}

/** All lines that kernels come from. */
export function sourceLines(
  graphs: Readonly<Record<string, readonly KernelGraph[]>>, sources: Sources,
): SourceLines {
  const found = new Map<string, { readonly place: Place; readonly kernels: Map<string, number[]> }>();
  for (const [program, kernels] of Object.entries(graphs)) {
    kernels.forEach(({ computes }, kernel) => {
      for (const { place } of computes) {
        if (place === undefined) continue;
        const name = sources.show(place);
        const line = found.get(name) ?? { place, kernels: new Map<string, number[]>() };
        const numbers = line.kernels.get(program) ?? [];
        if (!numbers.includes(kernel)) line.kernels.set(program, [...numbers, kernel]);
        found.set(name, line);
      }
    });
  }
  const all = [...found]
    .map(([name, { place, kernels }]) => ({ ...split(name), name, text: sources.line(place), kernels }))
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
    .map((line, i): SourceLine => ({ id: `line-${i}`, ...line }));
  const byName = new Map(all.map((line) => [line.name, line]));
  return {
    all,
    of: (place) => (place === undefined ? undefined : byName.get(sources.show(place))),
    named: (name) => byName.get(name),
  };
}

function split(name: string): Pick<SourceLine, 'file' | 'line'> {
  const colon = name.lastIndexOf(':');
  return { file: name.slice(0, colon), line: Number(name.slice(colon + 1)) };
}
