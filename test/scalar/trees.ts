import fc from 'fast-check';
import * as math from '../../dsl/scalar/math.ts';
import { Scalar } from '../../dsl/scalar/index.ts';
import type { Condition } from '../../dsl/scalar/index.ts';

/** Random scalar functions in a form that is neither source text nor operations, to hold those against each other. */
export type Tree =
  | { readonly k: 'arg'; readonly index: number }
  | { readonly k: 'local'; readonly index: number }
  | { readonly k: 'number'; readonly value: number }
  | { readonly k: 'call'; readonly name: UnaryName; readonly a: Tree }
  | { readonly k: 'infix'; readonly sign: Sign; readonly a: Tree; readonly b: Tree }
  | { readonly k: 'extreme'; readonly name: 'min' | 'max'; readonly a: Tree; readonly b: Tree }
  | { readonly k: 'choice'; readonly cond: Cond; readonly a: Tree; readonly b: Tree };

export type Cond =
  | { readonly k: 'compare'; readonly sign: Comparison; readonly a: Tree; readonly b: Tree }
  | { readonly k: 'logic'; readonly sign: '&&' | '||'; readonly a: Cond; readonly b: Cond }
  | { readonly k: 'not'; readonly a: Cond };

type UnaryName = typeof UNARY[number];
type Sign = typeof SIGNS[number];
type Comparison = typeof COMPARISONS[number];

const UNARY = [
  '-', 'abs', 'exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'floor', 'ceil', 'round', 'Math.round', 'toF16', 'sign',
  'trunc',
] as const;
const SIGNS = ['+', '-', '*', '/', '%', '**'] as const;
const COMPARISONS = ['<', '<=', '>', '>=', '===', '!=='] as const;

/** `locals` are named one after the other; each sees those before it, and the result sees all. */
export interface Program {
  readonly locals: readonly Tree[];
  readonly result: Tree;
}

const { tree } = fc.letrec<{ tree: Tree; cond: Cond }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.record({ k: fc.constant('arg' as const), index: fc.nat(2) }),
    fc.record({ k: fc.constant('number' as const), value: fc.constantFrom(0, 1, -1, 2, 3, 0.5, -2.25, 1e-3, 7) }),
    fc.record({ k: fc.constant('local' as const), index: fc.nat(3) }),
    fc.record({ k: fc.constant('call' as const), name: fc.constantFrom(...UNARY), a: tie('tree') }),
    fc.record({ k: fc.constant('infix' as const), sign: fc.constantFrom(...SIGNS), a: tie('tree'), b: tie('tree') }),
    fc.record({
      k: fc.constant('extreme' as const), name: fc.constantFrom('min' as const, 'max'), a: tie('tree'), b: tie('tree'),
    }),
    fc.record({ k: fc.constant('choice' as const), cond: tie('cond'), a: tie('tree'), b: tie('tree') }),
  ),
  cond: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({
      k: fc.constant('compare' as const), sign: fc.constantFrom(...COMPARISONS), a: tie('tree'), b: tie('tree'),
    }),
    fc.record({
      k: fc.constant('logic' as const), sign: fc.constantFrom('&&' as const, '||'), a: tie('cond'), b: tie('cond'),
    }),
    fc.record({ k: fc.constant('not' as const), a: tie('cond') }),
  ),
}));

export const programs: fc.Arbitrary<Program> = fc.record({ locals: fc.array(tree, { maxLength: 3 }), result: tree });

/** Any doubles, with those where meanings part more often than chance would have them. */
export const argumentLists: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, -1, 0.5, -0.5, 2.5, Infinity, -Infinity, NaN)),
  { minLength: 3, maxLength: 3 },
);

/** A name of a local that is not there yet means the first argument. */
const nameOf = (index: number, locals: number): string => (index < locals ? `t${index}` : 'x');

export function sourceOf(program: Program): string {
  const lines = program.locals.map((tree, i) => `const t${i} = ${text(tree, i)};`);
  const result = text(program.result, program.locals.length);
  return lines.length === 0 ? `(x, y, z) => ${result}` : `(x, y, z) => { ${lines.join(' ')} return ${result}; }`;
}

function text(tree: Tree, locals: number): string {
  const sub = (part: Tree): string => text(part, locals);
  switch (tree.k) {
    case 'arg': return 'xyz'[tree.index];
    case 'local': return nameOf(tree.index, locals);
    case 'number': return `(${tree.value})`;
    case 'call': return tree.name === '-' ? `(-${sub(tree.a)})` : `${tree.name}(${sub(tree.a)})`;
    case 'infix': return `(${sub(tree.a)} ${tree.sign} ${sub(tree.b)})`;
    case 'extreme': return `${tree.name}(${sub(tree.a)}, ${sub(tree.b)})`;
    case 'choice': return `(${condText(tree.cond, locals)} ? ${sub(tree.a)} : ${sub(tree.b)})`;
  }
}

function condText(cond: Cond, locals: number): string {
  switch (cond.k) {
    case 'compare': return `(${text(cond.a, locals)} ${cond.sign} ${text(cond.b, locals)})`;
    case 'logic': return `(${condText(cond.a, locals)} ${cond.sign} ${condText(cond.b, locals)})`;
    case 'not': return `!${condText(cond.a, locals)}`;
  }
}

/** The function that JavaScript makes of a source text, with the library's functions in scope. */
export function run(source: string): (x: number, y: number, z: number) => number {
  const names = Object.keys(math);
  return new Function(...names, `return ${source};`)(...Object.values(math));
}

/** The same function through symbolic numbers. */
export function buildOf(program: Program): (x: Scalar, y: Scalar, z: Scalar) => Scalar {
  return (x, y, z) => {
    const locals: Scalar[] = [];
    const scope = (): Scope => ({ args: [x, y, z], locals: [...locals] });
    for (const tree of program.locals) locals.push(build(tree, scope()));
    return build(program.result, scope());
  };
}

interface Scope {
  readonly args: readonly Scalar[];
  readonly locals: readonly Scalar[];
}

function build(tree: Tree, scope: Scope): Scalar {
  switch (tree.k) {
    case 'arg': return scope.args[tree.index];
    case 'local': return scope.locals[tree.index] ?? scope.args[0];
    case 'number': return Scalar.of(tree.value);
    case 'call': return buildCall(tree.name, build(tree.a, scope));
    case 'infix': return INFIX[tree.sign](build(tree.a, scope), build(tree.b, scope));
    case 'extreme': return build(tree.a, scope)[tree.name](build(tree.b, scope));
    case 'choice': return buildCond(tree.cond, scope).select(build(tree.a, scope), build(tree.b, scope));
  }
}

function buildCall(name: UnaryName, a: Scalar): Scalar {
  if (name === '-') return a.neg();
  if (name !== 'Math.round') return a[name]();
  const down = a.floor();
  return a.sub(down).ge(0.5).select(a.ceil(), down);
}

const INFIX: { readonly [S in Sign]: (a: Scalar, b: Scalar) => Scalar } = {
  '+': (a, b) => a.add(b),
  '-': (a, b) => a.sub(b),
  '*': (a, b) => a.mul(b),
  '/': (a, b) => a.div(b),
  '%': (a, b) => a.mod(b),
  '**': (a, b) => a.pow(b),
};

const COMPARE: { readonly [S in Comparison]: (a: Scalar, b: Scalar) => Condition } = {
  '<': (a, b) => a.lt(b),
  '<=': (a, b) => a.le(b),
  '>': (a, b) => a.gt(b),
  '>=': (a, b) => a.ge(b),
  '===': (a, b) => a.eq(b),
  '!==': (a, b) => a.ne(b),
};

function buildCond(cond: Cond, scope: Scope): Condition {
  switch (cond.k) {
    case 'compare': return COMPARE[cond.sign](build(cond.a, scope), build(cond.b, scope));
    case 'logic': {
      const [a, b] = [buildCond(cond.a, scope), buildCond(cond.b, scope)];
      return cond.sign === '&&' ? a.and(b) : a.or(b);
    }
    case 'not': return buildCond(cond.a, scope).not();
  }
}
