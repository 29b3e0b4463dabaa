import fc from 'fast-check';
import { expect, test } from 'vitest';
import { constI, variable, type Expr } from '../../compiler/expr/expr.ts';
import { iadd, imul } from '../../compiler/expr/int.ts';
import { LaneVariables } from '../../compiler/emit/wgsl/dealt.ts';
import { integer } from '../support/loops.ts';
import { runs } from '../support/runs.ts';

/*
 * Arrays dealt to lanes: wherever an index points, the entry is found with the lane and in the turn of its dealing.
 */

const [LANE, LOOP, SHARED] = [variable('lane', Infinity), variable('loop', Infinity), variable('shared', Infinity)];

type Values = Readonly<Record<string, number>>;

function evaluate(e: Expr, v: Values): number {
  switch (e.kind) {
    case 'const': return e.value;
    case 'var': return v[e.name];
    case 'int': return integer(e.op, evaluate(e.a, v), evaluate(e.b, v));
    default: throw new Error(`no index has a ${e.kind}`);
  }
}

const cases = fc.record({
  lanes: fc.constantFrom(4, 8, 32), run: fc.constantFrom<1 | 4>(1, 4), vector: fc.constantFrom<1 | 4>(1, 4),
  factors: fc.record({
    lane: fc.constantFrom(0, 1, 4, 8), loop: fc.constantFrom(0, 1, 4), shared: fc.constantFrom(0, 1, 8, 128),
  }),
  constant: fc.nat(130), turn: fc.nat(3), shared: fc.nat(40),
});

test('an entry is where it was dealt to; a lane that may ask for another’s is told whose', () => {
  fc.assert(fc.property(cases, ({ lanes, run, vector, factors, constant, turn, shared }) => {
    const variables = new LaneVariables(lanes);
    variables.bindLane(LANE.name);
    variables.bindLoop({ v: LOOP, extent: constI(4 * lanes * vector), tag: 'lane', vector });
    const index = [imul(LANE, factors.lane), imul(LOOP, factors.loop), imul(SHARED, factors.shared)]
      .reduce(iadd, constI(constant));
    const entry = variables.entryAt(index, run);
    for (let lane = 0; lane < lanes; lane++) {
      const values = { lane, loop: (turn * lanes + lane) * vector, shared };
      const at = evaluate(index, values);
      expect(evaluate(entry.turn, values)).toBe(Math.floor(at / (run * lanes)));
      expect(evaluate(entry.place, values)).toBe(at % run);
      expect(entry.lane === undefined ? lane : evaluate(entry.lane, values)).toBe(Math.floor(at / run) % lanes);
    }
  }), runs(500));
});
