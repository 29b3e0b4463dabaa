import type { ScalarExpr } from '../scalar/expr.ts';
import { argumentNames, functionText, type FunctionText } from '../scalar/print.ts';

/** Functions of the language's own. `Math.round` takes ties up; the language's `round` takes them to even. */
const OWN: readonly string[] = ['round', 'toF16'];

const called = (name: string): string => (OWN.includes(name) ? name : `Math.${name}`);

/** Functions of the language's own that a scalar function calls. */
export const ownFunctions = (fn: ScalarExpr): readonly string[] =>
  OWN.filter((name) => fn.ops.some(({ op }) => op === name));

/** Arguments that are not used are named with an underscore: TypeScript asks for it. */
function scalarText(fn: ScalarExpr): FunctionText {
  const used = new Set(fn.ops.map((op) => (op.op === 'arg' ? op.index : -1)));
  return functionText(fn, argumentNames(fn.arity).map((name, i) => (used.has(i) ? name : `_${name}`)), called);
}

/** A scalar function where it is used, in one line; undefined where it has values to be named. */
export function inlineFunction(fn: ScalarExpr): string | undefined {
  const { parameters, locals, result } = scalarText(fn);
  return locals.length > 0 ? undefined : `scalar((${parameters.join(', ')}) => ${result})`;
}

/** The declaration of a scalar function. */
export function declaredFunction(name: string, fn: ScalarExpr): string {
  const { parameters, locals, result } = scalarText(fn);
  const head = `const ${name} = scalar((${parameters.join(', ')}) =>`;
  if (locals.length === 0) return `${head} ${result});`;
  return `${head} {\n${[...locals, `return ${result};`].map((line) => `  ${line}\n`).join('')}});`;
}
