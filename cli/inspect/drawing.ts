import type { KernelGraph } from './kernel-graph.ts';
import type { KernelReport } from './report.ts';

/** A kernel at its place in the drawing: a column for each decoder layer, and in it a row for each step of the way. */
export interface Box {
  readonly kernel: KernelReport;
  readonly index: number;
  readonly column: number;
  readonly row: number;
}

/** A value that one kernel makes and another reads. */
export interface Arrow {
  readonly from: Box;
  readonly to: Box;
}

export interface Drawing {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
  readonly columns: readonly string[];
  readonly rows: number;
}

/** Lays out the kernels of one program. */
export function layOut(graphs: readonly KernelGraph[], kernels: readonly KernelReport[]): Drawing {
  const edges = dataFlow(graphs);
  const columnOf = columns(kernels);
  const rows = kernels.map(() => 0);
  // Sources come before their readers, so one pass finds the longest way from the top of a column.
  for (const [from, to] of edges) if (columnOf[from] === columnOf[to]) rows[to] = Math.max(rows[to], rows[from] + 1);
  const boxes = sideBySide(
    kernels.map((kernel, index) => ({ kernel, index, column: columnOf[index], row: rows[index] })),
  );
  const titles = [...new Set(columnOf)].map((c) => columnTitle(boxes.filter((b) => b.column === c)[0], c));
  return {
    boxes,
    arrows: edges.map(([from, to]) => ({ from: boxes[from], to: boxes[to] })),
    columns: titles,
    rows: Math.max(...boxes.map((b) => b.row)) + 1,
  };
}

/** Pairs of kernels [maker, reader], ordered by reader. */
const dataFlow = (graphs: readonly KernelGraph[]): readonly (readonly [number, number])[] =>
  graphs.flatMap(({ reads }, to) => {
    const from = new Set(reads.flatMap((r) => r.from ?? []));
    return [...from].filter((f) => f < to).map((f) => [f, to] as const);
  });

/** What comes before the first layer, if anything does, is column 0; what comes after the last has a column of its own. */
function columns(kernels: readonly KernelReport[]): readonly number[] {
  const before = kernels.at(0)?.layer === null ? 1 : 0;
  const last = Math.max(-1, ...kernels.map((k) => k.layer ?? -1));
  let seen = false;
  return kernels.map(({ layer }) => {
    if (layer !== null) {
      seen = true;
      return layer + before;
    }
    return seen ? last + before + 1 : 0;
  });
}

const columnTitle = ({ kernel }: Box, column: number): string => {
  if (kernel.layer !== null) return `layer ${kernel.layer}`;
  return column === 0 ? 'embedding' : 'head';
};

/** Kernels that do not need each other would share a place: the later one moves down. */
function sideBySide(boxes: readonly Box[]): readonly Box[] {
  const taken = new Set<string>();
  return boxes.map((box) => {
    let row = box.row;
    while (taken.has(`${box.column}/${row}`)) row += 1;
    taken.add(`${box.column}/${row}`);
    return { ...box, row };
  });
}
