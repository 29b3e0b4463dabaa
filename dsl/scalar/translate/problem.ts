import type ts from 'typescript';
import { RicciError } from '../../errors.ts';
import type { Place } from '../../errors.ts';

/** Numbers of the translator's diagnostics; they do not change their meaning. */
export const CODES = {
  notAFunction: 1001,
  parameter: 1002,
  statement: 1003,
  expression: 1004,
  name: 1005,
  call: 1006,
  argumentCount: 1007,
  truthAsNumber: 1008,
  numberAsTruth: 1009,
  recursion: 1010,
  number: 1011,
  noReturn: 1012,
} as const;

export type ProblemKind = keyof typeof CODES;

/** One thing that cannot be translated, and the piece of source that it is about. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly message: string;
  readonly node: ts.Node;
}

const startOf = (problem: Problem): number => problem.node.getStart();

export function placeOf(problem: Problem): Place {
  const file = problem.node.getSourceFile();
  const { line, character } = file.getLineAndCharacterOfPosition(startOf(problem));
  return { file: file.fileName, line: line + 1, column: character + 1 };
}

/** A problem as TypeScript prints its own: `file(line,column): error CODE: message`, then the line, marked below. */
export function formatProblem(problem: Problem): string {
  const place = placeOf(problem);
  const text = problem.node.getSourceFile().text.split(/\r?\n/)[place.line - 1];
  const length = Math.max(1, Math.min(problem.node.getEnd() - startOf(problem), text.length - place.column + 1));
  const gutter = `${place.line} `;
  const mark = ' '.repeat(gutter.length + place.column - 1) + '~'.repeat(length);
  const head = `${place.file}(${place.line},${place.column}): error RICCI${CODES[problem.kind]}: ${problem.message}`;
  return `${head}\n\n${gutter}${text}\n${mark}`;
}

/** One error for all problems of one function, at the place of the first. */
export function notTranslatable(problems: readonly Problem[]): RicciError {
  return new RicciError({
    code: 'scalar/not-translatable',
    message: `${problems.map(formatProblem).join('\n\n')}\n`,
    hint: 'A scalar function holds arithmetic, ternaries, const locals, Math.* and calls of other scalar functions.',
    place: placeOf(problems[0]),
  });
}
