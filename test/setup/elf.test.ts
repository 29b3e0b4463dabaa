import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dependencyOrder, neededLibraries } from '../../scripts/setup/elf.mjs';

/** A graph without cycles: library i needs only libraries of smaller number; a `true` at [i][j] is an edge. */
const libraryGraph = fc
  .integer({ min: 1, max: 8 })
  .chain((size) =>
    fc.array(fc.array(fc.boolean(), { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
  );

describe('dependencyOrder', () => {
  it('puts every library after all that it needs, each once', () => {
    fc.assert(
      fc.property(libraryGraph, (edges) => {
        const needs = (path: string): string[] =>
          edges.flatMap((_, j) => (j < Number(path) && edges[Number(path)]?.[j] ? [`${j}`] : []));
        const top = `${edges.length - 1}`;
        const order = dependencyOrder([top], (name) => name, needs).map(({ name }) => name);
        expect(new Set(order).size).toBe(order.length);
        expect(order.at(-1)).toBe(top);
        for (const [at, name] of order.entries()) {
          for (const needed of needs(name)) expect(order.indexOf(needed)).toBeLessThan(at);
        }
      }),
    );
  });

  it('leaves unknown names to the system and survives a cycle', () => {
    const needs = (path: string): string[] => (path === 'a' ? ['b', 'libc.so.6'] : ['a']);
    const order = dependencyOrder(['a'], (name) => (name === 'libc.so.6' ? undefined : name), needs);
    expect(order.map(({ name }) => name)).toEqual(['b', 'a']);
  });
});

describe('neededLibraries', () => {
  it('reads what a real library links to', () => {
    // Dawn's Linux binaries lie in the package on every platform.
    const dawn = join(dirname(createRequire(import.meta.url).resolve('webgpu')), 'dist');
    for (const platform of ['linux-x64', 'linux-arm64']) {
      expect(neededLibraries(readFileSync(join(dawn, platform, 'dawn.node')))).toContain('libc.so.6');
    }
  });

  it('finds nothing in what is no ELF file, or only the beginning of one', () => {
    expect(neededLibraries(new Uint8Array(0))).toEqual([]);
    expect(neededLibraries(new TextEncoder().encode('#!/bin/sh\n'.repeat(20)))).toEqual([]);
  });
});
