import { describe, expect, expectTypeOf, test } from 'vitest';
import ts from 'typescript';
import {
  add, axesOf, axis, cache, concat, dot, gather, input, iota, map, max, merge, parameter, rename, scatterAdd, slice,
  split, sum, where,
  type AnyTensor, type Tensor,
} from '../../dsl/index.ts';
import { silu } from '../../dsl/std/activation.ts';

const Batch = axis('batch', 2);
const Pos = axis('pos', 5);
const Embed = axis('embed', 6);
const Key = axis('key', 5);
const x = input('x', [Batch, Pos, Embed]);
const w = parameter('w', [Embed, Key]);

const names = (t: AnyTensor): readonly string[] => axesOf(t).map((a) => a.name).sort();

describe('the type of a result names its axes, and the value has exactly those', () => {
  test('contractions and reductions drop an axis', () => {
    const y = dot(x, w, Embed);
    expectTypeOf(y).toEqualTypeOf<Tensor<'batch' | 'pos' | 'key'>>();
    expect(names(y)).toEqual(['batch', 'key', 'pos']);
    const z = max(sum(x, Pos), Embed);
    expectTypeOf(z).toEqualTypeOf<Tensor<'batch'>>();
    expect(names(z)).toEqual(['batch']);
  });

  test('pointwise operations join axes, and numbers have none', () => {
    const y = add(sum(x, Embed), w);
    expectTypeOf(y).toEqualTypeOf<Tensor<'batch' | 'pos' | 'embed' | 'key'>>();
    expect(names(y)).toEqual(['batch', 'embed', 'key', 'pos']);
    expectTypeOf(add(x, 1)).toEqualTypeOf<Tensor<'batch' | 'pos' | 'embed'>>();
    expectTypeOf(map(silu, w)).toEqualTypeOf<Tensor<'embed' | 'key'>>();
    expectTypeOf(where(iota(Batch), x, 0)).toEqualTypeOf<Tensor<'batch' | 'pos' | 'embed'>>();
  });

  test('views exchange axes', () => {
    const renamed = rename(x, Pos, Key);
    expectTypeOf(renamed).toEqualTypeOf<Tensor<'batch' | 'embed' | 'key'>>();
    expect(names(renamed)).toEqual(['batch', 'embed', 'key']);
    const heads = split(x, Embed, axis('head', 2), axis('inner', 3));
    expectTypeOf(heads).toEqualTypeOf<Tensor<'batch' | 'pos' | 'head' | 'inner'>>();
    expect(names(heads)).toEqual(['batch', 'head', 'inner', 'pos']);
    const merged = merge(x, Batch, Pos, axis('row', 10));
    expectTypeOf(merged).toEqualTypeOf<Tensor<'embed' | 'row'>>();
    expect(names(merged)).toEqual(['embed', 'row']);
    expectTypeOf(slice(x, Pos, 0, 2)).toEqualTypeOf<typeof x>();
    expectTypeOf(cache(x, Pos, Key, 'k')).toEqualTypeOf<Tensor<'batch' | 'embed' | 'key'>>();
    const stacked = concat([w, w], axis('half', 2));
    expectTypeOf(stacked).toEqualTypeOf<Tensor<'embed' | 'key' | 'half'>>();
    expect(names(stacked)).toEqual(['embed', 'half', 'key']);
  });

  test('indexing puts the axes of the index in the place of the axis', () => {
    const ids = input('ids', [Batch, Key], 'i32');
    const rows = gather(x, Pos, ids);
    expectTypeOf(rows).toEqualTypeOf<Tensor<'batch' | 'embed' | 'key'>>();
    expect(names(rows)).toEqual(['batch', 'embed', 'key']);
    expectTypeOf(gather(x, Pos, 3)).toEqualTypeOf<Tensor<'batch' | 'embed'>>();
    const counts = scatterAdd(x, ids, Batch, axis('to', 3));
    expectTypeOf(counts).toEqualTypeOf<Tensor<'pos' | 'embed' | 'key' | 'to'>>();
    expect(names(counts)).toEqual(['embed', 'key', 'pos', 'to']);
  });

  test('a tensor over other axes is another type', () => {
    expectTypeOf<Tensor<'batch'>>().not.toExtend<Tensor<'batch' | 'pos'>>();
    expectTypeOf<Tensor<'batch' | 'pos'>>().not.toExtend<Tensor<'batch'>>();
  });
});

/** Programs that do not compile, and what TypeScript says about each. */
const WRONG: readonly (readonly [program: string, sentence: string, axis: string])[] = [
  ['dot(x, w, axis("key", 5))', 'axis is missing from this operand', '"key"'],
  ['sum(w, axis("pos", 5))', 'axis is missing from this operand', '"pos"'],
  ['rename(x, axis("embed", 6), axis("batch", 6))', 'axis is already in this operand', '"batch"'],
  ['split(w, axis("batch", 2), axis("a", 1), axis("b", 2))', 'axis is missing from this operand', '"batch"'],
  ['gather(w, axis("pos", 5), 0)', 'axis is missing from this operand', '"pos"'],
  ['cache(w, axis("key", 5), axis("embed", 5), "c")', 'axis is already in this operand', '"embed"'],
];

const PRELUDE = `import { axis, cache, dot, gather, input, parameter, rename, split, sum } from '../../dsl/index.ts';
const x = input('x', [axis('batch', 2), axis('pos', 5), axis('embed', 6)]);
const w = parameter('w', [axis('embed', 6), axis('key', 5)]);
`;

/** What TypeScript says about a file that exists in memory only. */
function diagnosticsOf(text: string): readonly string[] {
  const file = new URL('wrong-program.ts', import.meta.url).pathname;
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true, exactOptionalPropertyTypes: true, noEmit: true, allowImportingTsExtensions: true, skipLibCheck: true,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023);
  host.getSourceFile = (name, ...rest) => (name === file ? parsed : getSourceFile(name, ...rest));
  const program = ts.createProgram([file], options, host);
  return program.getSemanticDiagnostics(parsed).map((d) => {
    const { line } = parsed.getLineAndCharacterOfPosition(d.start ?? 0);
    return `${line + 1}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`;
  });
}

test('a wrong program does not compile, and the diagnostic says which axis is missing or taken', () => {
  const diagnostics = diagnosticsOf(PRELUDE + WRONG.map(([program]) => `${program};`).join('\n'));
  expect(diagnostics).toHaveLength(WRONG.length);
  WRONG.forEach(([, sentence, axisName], i) => {
    const line = PRELUDE.split('\n').length + i;
    const said = diagnostics.find((d) => d.startsWith(`${line}: `));
    expect(said).toContain(sentence);
    expect(said).toContain(axisName);
  });
});
