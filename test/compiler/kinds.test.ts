import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { CPU_TARGET } from '../../compiler/target.ts';
import type { Program } from '../../compiler/program.ts';
import { topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { fusible, graphs, type GraphCase } from '../../verify/arbitraries/graphs/index.ts';
import { runs } from '../support/runs.ts';
import { again } from './kind-keys.ts';

const anyGraph = fc.oneof(graphs, fusible);

function compiled(nodes: readonly Node[]): Program {
  const outputs = Object.fromEntries(nodes.map((n, i) => [`out${i}`, n]));
  return compile([{ name: 'test', outputs }], CPU_TARGET).programs[0];
}

/** The text of a program's kernels, without the function that calls all of them. */
const kernelsText = (p: Program): string => p.modules[0].split('(func $program ')[0];

const functionsOf = (p: Program): number => new Set(p.kernels.map((k) => k.module)).size;

/** Whether a second layer would share no value with the first, besides numbers that are written where they are used. */
function sharesNothing({ outputs }: GraphCase): boolean {
  const keys = new Set(topological(outputs).map((n) => n.key));
  const second = again(outputs);
  return second.every((n) => !keys.has(n.key))
    && topological(second).every((n) => !keys.has(n.key) || n.kind === 'constant');
}

describe('equal layers', () => {
  test('need the functions of one, and as many kernels each', () => fc.assert(
    fc.property(anyGraph.filter(sharesNothing), ({ outputs }) => {
      const [one, two] = [compiled(outputs), compiled([...outputs, ...again(outputs)])];
      expect(kernelsText(two)).toBe(kernelsText(one));
      expect(functionsOf(two)).toBe(functionsOf(one));
      expect(two.kernels.length).toBe(2 * one.kernels.length);
    }),
    runs(100),
  ));
});
