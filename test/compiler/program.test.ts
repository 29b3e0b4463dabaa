import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node } from '../../dsl/node.ts';
import { compile } from '../../compiler/compile.ts';
import { BASE_TARGET } from '../../compiler/target.ts';
import { ALIGNMENT } from '../../compiler/plan/arena.ts';
import type { Binding, Program, Region } from '../../compiler/program.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { at } from '../../verify/arbitraries/graphs/pool.ts';
import { overlap, pairs } from '../support/ranges.ts';
import { runs } from '../support/runs.ts';

/** A random graph as a program; some of its values, given ones too, are left in states. */
const programs: fc.Arbitrary<Program> = fc.tuple(
  fc.oneof(graphs, fusible), fc.array(fc.nat(10), { maxLength: 3 }),
).map(([c, kept]) => {
  const outputs = Object.fromEntries(c.outputs.map((n, i) => [`out${i}`, n]));
  const states = new Map(kept.flatMap((n, i): (readonly [string, Node])[] => {
    const node = at(c.nodes, n);
    return node === undefined ? [] : [[`state${i}`, node]];
  }));
  return compile([{ name: 'test', outputs, states }], BASE_TARGET).programs[0];
});

const law = (check: (p: Program) => void): void => fc.assert(fc.property(programs, (p) => { check(p); }), runs(100));

const sameBuffer = (a: Region, b: Region): boolean => a.space === b.space && a.buffer === b.buffer;

const clash = (a: Region, b: Region): boolean => sameBuffer(a, b) && overlap(a, b);

const covers = (outer: Region, inner: Region): boolean =>
  sameBuffer(outer, inner) && outer.offset <= inner.offset && inner.offset + inner.bytes <= outer.offset + outer.bytes;

const writes = (bindings: readonly Binding[]): readonly Region[] =>
  bindings.filter((b) => b.access === 'write').map((b) => b.region);

describe('a compiled program', () => {
  test('writes every output and every state with some kernel', () => law((p) => {
    const written = p.kernels.flatMap((k) => writes(k.bindings));
    const values = [...Object.values(p.outputs), ...Object.values(p.states)];
    expect(values.filter((v) => !written.some((r) => covers(r, v.region)))).toEqual([]);
  }));

  test('keeps its states apart', () => law((p) => {
    expect(pairs(Object.values(p.states)).filter(([a, b]) => clash(a.region, b.region))).toEqual([]);
  }));

  test('never binds a range twice where one kernel writes it', () => law((p) => {
    const shared = p.kernels.flatMap((k) => pairs(k.bindings)).filter(([a, b]) => clash(a.region, b.region));
    expect(shared.filter((both) => both.some((b) => b.access === 'write'))).toEqual([]);
  }));

  test('reads from the arena only what an earlier kernel has written', () => law((p) => {
    const written: Region[] = [];
    for (const k of p.kernels) {
      const inArena = k.bindings.filter((b) => b.region.space === 'arena').map((b) => b.region);
      // All bindings of the arena are writable, so the one that a kernel makes is the one that was not there before.
      const fresh = inArena.filter((r) => !written.some((w) => w.offset === r.offset && w.bytes === r.bytes));
      expect(fresh.length).toBeLessThanOrEqual(k.parts.length);
      written.push(...fresh);
      for (const r of inArena) expect(r.offset + r.bytes).toBeLessThanOrEqual(p.arenaBytes);
    }
  }));

  test('stays within the bindings of its target, at offsets that WebGPU allows', () => law((p) => {
    for (const k of p.kernels) {
      expect(k.bindings.length).toBeLessThanOrEqual(BASE_TARGET.storageBuffers);
      for (const b of k.bindings) expect(b.region.offset % ALIGNMENT).toBe(0);
    }
  }));

  test('is plain data: it comes back from JSON as it was', () => law((p) => {
    expect(JSON.parse(JSON.stringify(p))).toEqual(p);
  }));
});
