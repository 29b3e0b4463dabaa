import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dense } from '../../compiler/interpret/dense.ts';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { factorsFor, narrow } from '../../compiler/passes/narrow.ts';
import { weightRows } from '../../compiler/passes/split.ts';
import { memoryEntries, memoryStrides, STORED_BYTES } from '../../compiler/program.ts';
import { layoutWeights } from '../../compiler/plan/weights.ts';
import {
  add, axis, dot, gather, input, parameter, softmax, WEIGHT_STORAGES, type Axis, type Node, type WeightStorage,
} from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import type { Device } from '../../runtime/device.ts';
import { openSafetensors, readFloats, writeSafetensors } from '../../runtime/safetensors/index.ts';
import type { ReadWeight } from '../../runtime/weights.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { narrowed } from '../support/narrow.ts';
import { runs } from '../support/runs.ts';
import { temporaryFolder } from './support.ts';

const folder = temporaryFolder();

/** The axes of weights: `heads` matrices of `rows` rows of `entries`. */
interface Shape { readonly heads: number; readonly rows: number; readonly entries: number }

const shapes: fc.Arbitrary<Shape> = fc.record({
  heads: fc.integer({ min: 1, max: 3 }), rows: fc.integer({ min: 1, max: 21 }),
  entries: fc.oneof(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 63, max: 150 })),
});

const numbers = (axes: readonly Axis[], seed: number): Dense => {
  const sizes = axes.map((a) => Number(a.size));
  const count = sizes.reduce((n, s) => n * s, 1);
  return {
    names: axes.map((a) => a.name), sizes,
    data: Float64Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed + i * 1.7))),
  };
};

/** A graph in which weights are read in every way, and what it is given. */
interface Reading { readonly outputs: Readonly<Record<string, Node>>; readonly env: Environment }

function everyReading({ heads, rows, entries }: Shape): Reading {
  const [Head, Row, Entry] = [axis('head', heads), axis('row', rows), axis('entry', entries)];
  const [Pos, Chosen] = [axis('pos', 9), axis('chosen', 3)];
  const w = parameter('w', [Row, Entry]);
  const made = dot(softmax(parameter('a', [Row, Entry]), Entry), parameter('b', [Head, Entry]), Entry);
  const outputs = {
    row: dot(input('one', [Entry]), w, Entry),
    rows: dot(input('many', [Pos, Entry]), w, Entry),
    columns: dot(input('other', [Pos, Row]), w, Row),
    looked: gather(w, Row, input('ids', [Chosen], 'i32')),
    heads: dot(input('each', [Pos, Head, Entry]), parameter('m', [Head, Row, Entry]), Entry),
    derived: dot(input('third', [Pos, Row]), made, Row),
    added: add(w, input('beside', [Pos, Entry])),
  };
  return {
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, t]) => [name, t.node])),
    env: {
      inputs: {
        one: numbers([Entry], 5), many: numbers([Pos, Entry], 6), other: numbers([Pos, Row], 7),
        each: numbers([Pos, Head, Entry], 8), third: numbers([Pos, Row], 9), beside: numbers([Pos, Entry], 10),
        ids: { names: ['chosen'], sizes: [3], data: Float64Array.of(0, rows - 1, Math.floor(rows / 2)) },
      },
      parameters: {
        w: numbers([Row, Entry], 1), a: numbers([Row, Entry], 2), b: numbers([Head, Entry], 3),
        m: numbers([Head, Row, Entry], 4),
      },
    },
  };
}

/** The weights of an environment in a file, and how a loader reads them there. */
async function inFile({ parameters = {} }: Environment): Promise<ReadWeight> {
  const path = join(folder, 'model.safetensors');
  await writeSafetensors(path, Object.fromEntries(Object.entries(parameters).map(([name, x]) =>
    [name, { dtype: 'F32', shape: x.sizes, data: Float32Array.from(x.data) }])));
  const { tensors } = await openSafetensors(path);
  return async (weight, from, target) => {
    const { name, rows } = weightRows(weight);
    const entry = tensors.get(name);
    if (entry === undefined) throw new Error(`no weight ${name}`);
    const perRow = entry.shape.slice(1).reduce((n, s) => n * s, 1);
    await readFloats(entry, from + (rows?.start ?? 0) * perRow, target);
  };
}

/** What a device computes against the interpreter, in words; `bindingBytes` splits weights that are larger. */
async function faults(
  device: Device, { outputs, env }: Reading, kept: WeightStorage, bindingBytes = targetOf(device).bindingBytes,
): Promise<readonly string[]> {
  const target = { ...targetOf(device), bindingBytes };
  const storage = (): WeightStorage => kept;
  const roots = narrow(Object.values(outputs), storage, factorsFor(target.profile));
  const want = interpretWithBounds(roots, narrowed(env, storage));
  const got = await runGraph(device, outputs, env, target, storage, await inFile(env));
  return Object.keys(outputs).flatMap((name, i) => firstOutside(name, got[name], want[i]) ?? []);
}

describe('where entries lie', () => {
  const bounds = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 });

  test('law: no two entries lie at one place, none outside, and rows of a vector or more begin where one does', () =>
    fc.assert(fc.property(bounds, (sizes) => {
      const strides = memoryStrides(sizes);
      const places = sizes.reduce<readonly number[]>((all, size, d) =>
        all.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * strides[d])), [0]);
      expect(new Set(places).size).toBe(places.length);
      expect(Math.max(...places)).toBeLessThan(memoryEntries(sizes));
      const [last = 1] = sizes.slice(-1);
      for (const stride of strides.slice(0, -1)) expect(stride % (last < 4 ? last : 4)).toBe(0);
    })));

  test.each(WEIGHT_STORAGES)('a loader is told of rows that lie apart, whole words of %s', (storage) => {
    const weight = (name: string, entries: number): Node =>
      parameter(name, [axis('head', 2), axis('row', 3), axis('entry', entries)], { storage }).node;
    const nodes = [weight('odd', 5), weight('even', 8), weight('short', 3)];
    const { weights } = layoutWeights([nodes.filter((n) => n.kind === 'parameter')], 1 << 20);
    expect(weights['odd'].rows).toEqual({ entries: 5, pitch: 8 });
    expect(weights['odd'].bytes).toBe(2 * 3 * 8 * STORED_BYTES[storage]);
    expect([weights['even'].rows, weights['short'].rows]).toEqual([undefined, undefined]);
  });
});

onEveryDevice((device) => {
  describe.each(WEIGHT_STORAGES)('weights that are kept as %s', (kept) => {
    test('law: however they are read, they are those of the file', () => fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        expect(await faults(device(), everyReading(shape), kept)).toEqual([]);
      }), runs(3),
    ));

    test('in parts, and with rows of 2389, as those that a loader reads in chunks', async () => {
      const [Row, Entry] = [axis('row', 300), axis('entry', 2389)];
      const parameters = { w: numbers([Row, Entry], 1) };
      const inputs = {
        x: numbers([Entry], 2), ids: { names: ['chosen'], sizes: [4], data: Float64Array.of(0, 215, 216, 299) },
      };
      const w = parameter('w', [Row, Entry]);
      const chosen = gather(w, Row, input('ids', [axis('chosen', 4)], 'i32'));
      const outputs = { row: dot(input('x', [Entry]), w, Entry).node, chosen: chosen.node };
      const bytes = 2392 * STORED_BYTES[kept] * 256;
      expect(await faults(device(), { outputs, env: { inputs, parameters } }, kept, bytes)).toEqual([]);
    });
  });
});
