import { RicciError } from '../../dsl/errors.ts';

/** A matrix [rows, columns] that is to be drawn. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** rows · columns numbers, row by row; a typed array will do. */
  readonly values: ArrayLike<number>;
}

const isSize = (size: number): boolean => Number.isSafeInteger(size) && size > 0;

/**
 * Checks that a matrix can be drawn: that there is a cell, and that the values fill the shape.
 * @param what how the error calls it, at the start of a sentence
 * @throws RicciError `verify/picture`
 */
export function checkMatrix(matrix: Matrix, what = 'The matrix'): void {
  const { rows, columns, values } = matrix;
  if (!isSize(rows) || !isSize(columns)) {
    throw new RicciError({
      code: 'verify/picture',
      message: `${what} is said to have ${rows} rows and ${columns} columns.`,
      hint: 'Both must be whole numbers of at least 1.',
    });
  }
  if (values.length === rows * columns) return;
  throw new RicciError({
    code: 'verify/picture',
    message: `${what} has ${values.length} values, but ${rows} rows of ${columns} columns take ${rows * columns}.`,
    hint: 'Give the values row by row, and as many as the shape has cells.',
  });
}

/**
 * Checks that there is a label for each row, column or panel, where there are labels at all.
 * @throws RicciError `verify/picture`
 */
export function checkLabels(what: string, labels: readonly string[] | undefined, size: number): void {
  if (labels === undefined || labels.length === size) return;
  throw new RicciError({
    code: 'verify/picture',
    message: `${labels.length} ${what} were given for ${size}.`,
    hint: 'Give one for each, or none at all.',
  });
}
