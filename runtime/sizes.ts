import { sizeValue, type Program, type ProgramSize, type Value } from '../compiler/program.ts';
import { RicciError } from '../dsl/errors.ts';

/** The value of every symbolic size in one run. */
export type RunSizes = Readonly<Record<string, number>>;

/** Sizes of a value's axes in one run. */
export const shapeOf = (value: Value, sizes: RunSizes): readonly number[] =>
  value.axes.map((a) => sizeValue(a.size, sizes));

/**
 * The sizes that a program's kernels read, in their order.
 * @throws RicciError `runtime/size` for a size that is missing or out of its bound
 */
export const sizesInOrder = (program: Program, sizes: RunSizes): readonly number[] =>
  program.sizes.map((size) => sizeIn(sizes, size, program.name));

/** One size of a program in one run. @throws RicciError `runtime/size` */
export function sizeIn(sizes: RunSizes, { name, max }: ProgramSize, program: string): number {
  const value = sizes[name];
  if (value === undefined || value < 1 || value > max) throw sizeError(program, name, value, max);
  return value;
}

const sizeError = (
  program: string,
  name: string,
  value: number | undefined,
  max: number,
): RicciError => new RicciError({
  code: 'runtime/size',
  message: `The size "${name}" of the program "${program}" is ${value ?? 'not given'}, and it runs from 1 to ${max}.`,
  hint: 'Give every symbolic size a number within its bound.',
});
