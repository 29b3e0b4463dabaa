import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyOp } from '../../dsl/scalar/expr.ts';
import { cast, constF, constI, op, reduce, variable, type Expr, type ScalarOpName } from '../../compiler/expr/expr.ts';
import { iadd } from '../../compiler/expr/int.ts';
import { hiddenBy } from '../../compiler/lower/hidden.ts';
import { integer } from '../support/loops.ts';
import { runs } from '../support/runs.ts';

/*
 * What `hiddenBy` reads off a mask: beyond the index that it names, no condition holds.
 */

const [KEY, POS, OTHER] = [variable('key', 9), variable('pos', 9), variable('other', 2)];
const BLOCKED = -1e9;

type Values = Readonly<Record<string, number>>;

function evaluate(e: Expr, v: Values): number {
  switch (e.kind) {
    case 'const': return e.value;
    case 'var': return v[e.name];
    case 'cast': return evaluate(e.x, v);
    case 'int': return integer(e.op, evaluate(e.a, v), evaluate(e.b, v));
    case 'op': return applyOp(e.op, evaluate(e.args[0], v), ...e.args.slice(1).map((x) => evaluate(x, v)));
    default: throw new Error(`no condition has a ${e.kind}`);
  }
}

const sides: fc.Arbitrary<Expr> = fc.tuple(
  fc.constantFrom<Expr>(KEY, KEY, POS, OTHER, constI(3)), fc.integer({ min: -2, max: 2 }), fc.boolean(),
).map(([x, n, isNumber]) => {
  const index = iadd(x, constI(x === KEY ? 0 : n));
  return isNumber ? cast(index, 'f32') : index;
});

const comparison = (name: ScalarOpName, a: Expr, b: Expr): Expr =>
  op(name, a.type === b.type ? [a, b] : [cast(a, 'f32'), cast(b, 'f32')]);

const { condition: conditions } = fc.letrec<{ condition: Expr; number: Expr }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.tuple(fc.constantFrom<ScalarOpName>('le', 'lt', 'ge', 'gt'), sides, sides)
      .map(([o, a, b]) => comparison(o, a, b)),
    fc.tuple(fc.constantFrom<ScalarOpName>('and', 'or'), tie('condition'), tie('condition'))
      .map(([o, a, b]) => op(o, [a, b])),
    tie('number').map((x) => op('ne', [x, constF(0)])),
  ),
  number: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(cast(OTHER, 'f32')),
    fc.tuple(tie('condition'), fc.boolean())
      .map(([c, isSeen]) => op('select', [c, ...(isSeen ? [constF(1), constF(0)] : [constF(0), constF(2)])])),
    fc.tuple(tie('number'), tie('number')).map(([a, b]) => op('mul', [a, b])),
  ),
}));

const hiddenUnder = (condition: Expr): ReturnType<typeof hiddenBy> =>
  hiddenBy(reduce('max', KEY, constI(9), op('select', [condition, cast(KEY, 'f32'), constF(BLOCKED)])));

test('no condition holds beyond the last index that it is said to see', () => {
  fc.assert(fc.property(conditions, fc.nat(8), fc.nat(1), (condition, pos, other) => {
    const hidden = hiddenUnder(condition);
    if (hidden === undefined) return;
    expect(hidden.score.value).toBe(BLOCKED);
    const last = evaluate(hidden.last, { pos, other });
    const keys = Array.from({ length: 9 }, (_, key) => key);
    const seen = keys.filter((key) => evaluate(condition, { key, pos, other }) !== 0);
    expect(Math.max(-Infinity, ...seen)).toBeLessThanOrEqual(Math.max(last, -1));
  }), runs(500));
});

test('a causal mask is seen through, also as a factor of which keys are visible', () => {
  const causal = comparison('le', KEY, POS);
  const factor = op('mul', [cast(OTHER, 'f32'), op('select', [causal, constF(1), constF(0)])]);
  for (const condition of [causal, op('ne', [factor, constF(0)])]) {
    expect(hiddenUnder(condition)?.last.key).toBe(POS.key);
  }
  expect(hiddenUnder(comparison('lt', KEY, POS))?.last.key).toBe(iadd(POS, constI(-1)).key);
  expect(hiddenUnder(comparison('ge', KEY, POS))).toBeUndefined();
});
