import type ts from 'typescript';
import type { ExprBuilder } from '../builder.ts';
import type { Resolver } from './meaning.ts';
import type { Problem, ProblemKind } from './problem.ts';
import { describe } from './syntax.ts';
import type { Syntax } from './syntax.ts';

/** What an expression gave: the position of its operation. `broken` stands for something reported already. */
export interface Value {
  readonly at: number;
  readonly kind: 'number' | 'truth' | 'broken';
}

/** Everything that the translation of one expression knows; `locals` holds `later` for names not yet defined. */
export interface Context {
  readonly syntax: Syntax;
  readonly resolver: Resolver;
  readonly builder: ExprBuilder;
  readonly problems: Problem[];
  readonly locals: ReadonlyMap<string, Value | 'later'>;
  /** Functions and constants that are being expanded, to find circles. */
  readonly active: ReadonlySet<ts.Node>;
  /** Translates a part. Handed down, so that the files for kinds of expressions need not import each other. */
  readonly visit: (node: ts.Expression, context: Context) => Value;
}

/** A value in the place of something that was reported. */
export const broken = (c: Context): Value => ({ at: c.builder.constant(0), kind: 'broken' });

/** Notes a problem and goes on with a value in its place, so that one reading finds all problems. */
export function report(c: Context, kind: ProblemKind, node: ts.Node, message: string): Value {
  if (!c.problems.some((known) => known.node === node)) c.problems.push({ kind, node, message });
  return broken(c);
}

/** The value of a part that has to be a number. */
export function numberOf(node: ts.Expression, c: Context): number {
  const value = c.visit(node, c);
  if (value.kind === 'truth') {
    report(c, 'truthAsNumber', node, 'A truth value cannot be used as a number; write `condition ? 1 : 0`.');
  }
  return value.at;
}

/** The value of a part that has to be a condition. */
export function truthOf(node: ts.Expression, c: Context): number {
  const value = c.visit(node, c);
  if (value.kind === 'number') {
    report(c, 'numberAsTruth', node, 'A number cannot be used as a condition; write a comparison such as `x !== 0`.');
  }
  return value.at;
}

export function untranslatable(node: ts.Expression, c: Context, hint = ''): Value {
  return report(c, 'expression', node, `This ${describe(c.syntax, node)} cannot be translated${hint}.`);
}
