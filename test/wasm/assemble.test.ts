import { setFlagsFromString } from 'node:v8';
import binaryen from 'binaryen';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { CPU_TARGET, FUSED_CPU_TARGET } from '../../compiler/target.ts';
import { assembleText } from '../../compiler/emit/wasm/binary/assemble.ts';
import { INSTRUCTIONS, type Immediate } from '../../compiler/emit/wasm/binary/instructions.ts';
import { MATH } from '../../compiler/emit/wasm/math/index.ts';
import { moduleText } from '../../compiler/emit/wasm/module.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { runs } from '../support/runs.ts';

// Node 20 has relaxed SIMD behind this flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');

/** What Binaryen makes of the same text. */
function byBinaryen(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.All);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

const TYPES = ['i32', 'f32', 'f64', 'v128'] as const;
type Type = (typeof TYPES)[number];

/** Types of so many operands. */
const operandTypes = (count: number): readonly (readonly Type[])[] =>
  (count === 0 ? [[]] : operandTypes(count - 1).flatMap((types) => TYPES.map((t) => [...types, t])));

const IMMEDIATES: Readonly<Record<Immediate, string>> = {
  none: '', local: '$own', function: '$called', label: '$again', memory: 'offset=300', lane: '1',
  lanes: '0 31 2 3 4 5 6 7 8 9 10 11 12 13 14 15', i32: '-129', f32: '1.5', f64: '-inf',
  v128: 'i32x4 1 -2 3000000000 4',
};

/** A module whose function is one instruction, and leaves out what the instruction gives. */
function moduleAround(name: string, immediate: Immediate, operands: readonly Type[], gives: boolean): string {
  const params = operands.map((t, i) => `(param $p${i} ${t})`).join(' ');
  const one = `(${name} ${IMMEDIATES[immediate]} ${operands.map((_, i) => `(local.get $p${i})`).join(' ')})`;
  const statement = gives ? `(drop ${one})` : one;
  const body = immediate === 'label' ? `(loop $again ${statement})` : statement;
  return `(module (import "ricci" "memory" (memory 1 2 shared))
    (func $called (param $x i32) (result f32) (f32.const 0))
    (func (export "k0") ${params} (local $own v128) ${body}))`;
}

/** Modules around the uses of an instruction that are valid, with as few operands as it takes. */
function validUses(name: string, immediate: Immediate): readonly string[] {
  for (const count of [0, 1, 2, 3]) {
    for (const gives of [false, true]) {
      const all = operandTypes(count).map((types) => moduleAround(name, immediate, types, gives));
      const valid = all.filter((text) => WebAssembly.validate(assembleText(text)));
      if (valid.length > 0) return valid;
    }
  }
  return [];
}

describe('a module is what Binaryen makes of its text, to the byte', () => {
  test.each([...INSTRUCTIONS])('for %s', (name, { immediate }) => {
    const uses = validUses(name, immediate);
    expect(uses).not.toEqual([]);
    for (const text of uses) expect(assembleText(text)).toEqual(byBinaryen(text));
  });

  test('for all functions of mathematics', () => {
    const text = moduleText([], new Set(MATH.map((f) => f.name)), []);
    expect(assembleText(text)).toEqual(byBinaryen(text));
  });

  test('for programs of random graphs', () => fc.assert(
    fc.property(fc.oneof(graphs, fusible), fc.constantFrom(CPU_TARGET, FUSED_CPU_TARGET), ({ outputs }, target) => {
      const named = Object.fromEntries(outputs.map((n, i) => [`out${i}`, n]));
      const { programs: [{ modules: [text] }] } = compile([{ name: 'test', outputs: named }], target);
      expect(assembleText(text)).toEqual(byBinaryen(text));
    }),
    runs(100),
  ));

  test.each([
    ['numbers as f32', 'f32.const', fc.double().map(Math.fround)],
    ['numbers as f64', 'f64.const', fc.double()],
    ['integers', 'i32.const', fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
  ] as const)('for %s', (_, name, numbers: fc.Arbitrary<number>) => fc.assert(
    fc.property(numbers.filter((x) => !Number.isNaN(x)), (x) => {
      const numeral = Number.isFinite(x) ? String(Object.is(x, -0) ? '-0' : x) : x > 0 ? 'inf' : '-inf';
      const text = `(module (func (export "k0") (drop (${name} ${numeral}))))`;
      expect(assembleText(text)).toEqual(byBinaryen(text));
    }),
    runs(200),
  ));
});

describe('text that the emitter does not write', () => {
  test.each([
    ['an unknown instruction', '(func (i32.plus))', 'no instruction is named i32.plus'],
    ['an unknown local', '(func (local.get $x))', 'nothing is named $x'],
    ['a function before its own text', '(func (call $later)) (func $later)', 'nothing is named $later'],
    ['a jump to no block', '(func (br_if $out (i32.const 1)))', 'no block is named $out'],
    ['an unknown type', '(func (param $x i8))', 'no type is named i8'],
    ['an unknown vector', '(func (drop (v128.const i8x4 1 2 3 4)))', 'no vector is i8x4'],
    ['a branch without its part', '(func (if (i32.const 1)))', 'an `if` without `then`'],
    ['what no module has', '(table 1 funcref)', '"(table" in a module'],
    ['a text that ends early', '(func (i32.add', '"" where "(" was expected'],
  ])('is refused: %s', (_, text, message) => {
    expect(() => assembleText(`(module ${text})`)).toThrow(`assemble: ${message}`);
  });
});
