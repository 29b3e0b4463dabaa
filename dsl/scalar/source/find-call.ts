import type ts from 'typescript';
import type { Place } from '../../errors.ts';
import { calleeName, importedName } from '../translate/syntax.ts';
import type { Syntax } from '../translate/syntax.ts';
import { fingerprint } from './fingerprint.ts';

/** Every call in the file, in order of appearance. */
function callsIn(s: Syntax, file: ts.SourceFile): readonly ts.CallExpression[] {
  const found: ts.CallExpression[] = [];
  const walk = (node: ts.Node): void => {
    if (s.isCallExpression(node)) found.push(node);
    s.forEachChild(node, walk);
  };
  walk(file);
  return found;
}

/** Calls of functions that are called `scalar` where they come from. */
export function scalarCalls(s: Syntax, file: ts.SourceFile): readonly ts.CallExpression[] {
  return callsIn(s, file).filter((call) => {
    const name = calleeName(s, call);
    return name !== undefined && importedName(s, name) === 'scalar';
  });
}

/** A stack names a call by where its callee starts, or by where the callee's last name does. */
function isAt(s: Syntax, call: ts.CallExpression, place: Place): boolean {
  const file = call.getSourceFile();
  return [call, calleeName(s, call)].some((node) => {
    if (node === undefined) return false;
    const { line, character } = file.getLineAndCharacterOfPosition(node.getStart());
    return line + 1 === place.line && character + 1 === place.column;
  });
}

const lineOf = (call: ts.CallExpression): number =>
  call.getSourceFile().getLineAndCharacterOfPosition(call.getStart()).line + 1;

/** The calls that may have made a function value. */
export interface Candidates {
  /** The call at the stack's place, whatever its text. */
  readonly atPlace: ts.CallExpression | undefined;
  /** The call whose function has the value's text: the one at the place, or else the nearest to it. */
  readonly byText: ts.CallExpression | undefined;
}

/** Looks for a call by place and by its function's fingerprint. */
export function findCall(s: Syntax, file: ts.SourceFile, place: Place, text: string | undefined): Candidates {
  const atPlace = callsIn(s, file).find((call) => isAt(s, call, place));
  const same = (call: ts.CallExpression): boolean =>
    call.arguments.length > 0 && fingerprint(s, call.arguments[0]) === text;
  if (atPlace !== undefined && same(atPlace)) return { atPlace, byText: atPlace };
  const distance = (call: ts.CallExpression): number => Math.abs(lineOf(call) - place.line);
  const [byText] = scalarCalls(s, file).filter(same).toSorted((a, b) => distance(a) - distance(b));
  return { atPlace, byText };
}
