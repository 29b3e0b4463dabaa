import { describe, expect, it } from 'vitest';
import { importViolations } from '../../scripts/import-rule.mjs';

const rulesOf = (path: string, text: string): string[] => importViolations([{ path, text }]).map((one) => one.rule);

describe('the import rule', () => {
  it.each([
    ['dsl/a.ts', `import { b } from '../compiler/b.ts';`],
    ['dsl/scalar/a.ts', `import type { B } from '../../runtime/b.ts';`],
    ['compiler/a.ts', `export { b } from '../runtime/b.ts';`],
    ['compiler/emit/a.ts', `const b = await import('../../models/pldr/b.ts');`],
    ['runtime/a.ts', `import { b } from '../dsl/graph.ts';`],
    ['runtime/a.ts', `import { b } from '../compiler/fuse/b.ts';`],
    ['runtime/a.ts', `import { b } from 'ricci/dsl';`],
    ['models/pldr/a.ts', `import { b } from '../../cli/b.ts';`],
    ['models/pldr/a.ts', `import type { B } from '../../runtime/webgpu/b.ts';`],
    ['cli/a.ts', `import { b } from '../test/b.ts';`],
    ['examples/a.ts', `import { b } from '../cli/b.ts';`],
    ['dsl/ops/a.ts', `import ts from 'typescript';`],
    ['compiler/a.ts', `import { Project } from 'ts-morph';`],
    ['runtime/program/a.ts', `import { create } from 'webgpu';`],
  ])('forbids in %s: %s', (path, text) => {
    expect(rulesOf(path, text)).toHaveLength(1);
  });

  it.each([
    ['compiler/a.ts', `import { b } from '../dsl/b.ts';`],
    ['runtime/a.ts', `import type { P } from '../compiler/program.ts'; import { E } from '../dsl/errors.ts';`],
    ['runtime/a.ts', `import type { P } from '../compiler/program/kernel.ts';`],
    [
      'models/pldr/a.ts',
      `import '../../dsl/a.ts'; import '../../compiler/a.ts'; import '../../runtime/a.ts'; import './b.ts';`,
    ],
    ['cli/a.ts', `import '../models/pldr/a.ts'; import { Command } from 'commander';`],
    ['dsl/scalar/a.ts', `import ts from 'typescript';`],
    ['runtime/webgpu/a.ts', `const dawn = await import('webgpu');`],
    ['test/a.test.ts', `import '../cli/main.ts'; import 'webgpu';`],
    ['dsl/a.ts', `// import '../compiler/b.ts';\nconst text = "import '../compiler/b.ts'";`],
  ])('allows in %s: %s', (path, text) => {
    expect(rulesOf(path, text)).toEqual([]);
  });

  it('names file, line and what was imported', () => {
    const text = `import { a } from './a.ts';\n\nimport { b } from '../cli/b.ts';\n`;
    expect(importViolations([{ path: 'dsl/x.ts', text }])).toEqual([
      { path: 'dsl/x.ts', line: 3, imported: '../cli/b.ts', rule: 'dsl imports no other folder' },
    ]);
  });

  it('finds folders that import each other, also by way of a third', () => {
    const files = [
      { path: 'bench/a.ts', text: `import '../scripts/b.ts';` },
      { path: 'scripts/b.ts', text: `import '../test/c.ts';` },
      { path: 'test/c.ts', text: `import '../bench/a.ts';` },
    ];
    expect(importViolations(files).map((one) => one.rule)).toEqual(['test and bench import each other']);
    expect(importViolations(files.slice(0, 2))).toEqual([]);
  });
});
