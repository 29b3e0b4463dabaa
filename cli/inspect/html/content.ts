import type { Program } from '../../../compiler/program.ts';
import type { KernelGraph } from '../kernel-graph.ts';
import type { KernelReport, ProgramReport, Report } from '../report.ts';
import type { Sources } from '../source-place.ts';
import type { SourceLines } from './source-lines.ts';

/** What a page shows. */
export interface PageContent {
  /** What the model is called. */
  readonly name: string;
  readonly report: Report;
  readonly programs: readonly Program[];
  /** Of each program by its name: what its kernels compute. */
  readonly graphs: Readonly<Record<string, readonly KernelGraph[]>>;
  readonly sources: Sources;
}

/** One program, with what its kernels are and compute. */
export interface ProgramView {
  readonly name: string;
  readonly program: Program;
  readonly report: ProgramReport;
  readonly graphs: readonly KernelGraph[];
  readonly lines: SourceLines;
}

/** One kernel of a program. */
export interface KernelView {
  readonly view: ProgramView;
  readonly index: number;
  readonly kernel: KernelReport;
  readonly graph: KernelGraph;
}

export const kernelsOf = (view: ProgramView): readonly KernelView[] =>
  view.report.kernels.map((kernel, index) => ({ view, index, kernel, graph: view.graphs[index] }));
