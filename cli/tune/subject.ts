import { compile } from '../../compiler/compile.ts';
import { draft, type ProgramSource } from '../../compiler/draft.ts';
import type { Target } from '../../compiler/target.ts';
import { encode } from '../../compiler/encode.ts';
import type { Kind } from '../../compiler/fuse/kind.ts';
import type { Schedules } from '../../compiler/loop/schedule.ts';
import type { StorageOf } from '../../compiler/passes/narrow.ts';
import type { Program, WeightLayout } from '../../compiler/program.ts';
import type { Device } from '../../runtime/device.ts';
import type { RunSizes } from '../../runtime/sizes.ts';

/** What is tuned: programs that share weights, for one device. */
export interface Subject {
  readonly device: Device;
  /** The device's own, without schedules of kernels. */
  readonly target: Target;
  readonly sources: readonly ProgramSource[];
  readonly storage: StorageOf;
  readonly layout: WeightLayout;
  /** At which sizes a program is timed. */
  sizes(program: Program): RunSizes;
}

/** A program by some schedules, and the kinds of each of its kernels. */
export interface Made {
  readonly program: Program;
  readonly kinds: readonly (readonly Kind[])[];
}

export function make({ target, layout, storage }: Subject, source: ProgramSource, schedules: Schedules): Made {
  const own = { ...target, schedules };
  const { programs: [program] } = compile([source], own, layout, storage);
  const { kernels } = draft(source, own, (name) => layout.weights[name] !== undefined, storage);
  return { program: encode(program), kinds: kernels.map((k) => k.computations.map((c) => c.kind)) };
}

/** The keys of all kernels of a model's programs. */
export const kernelKeys = (subject: Subject): ReadonlySet<string> =>
  new Set(subject.sources.flatMap((s) => make(subject, s, {}).kinds.flat().map((kind) => kind.root.key)));
