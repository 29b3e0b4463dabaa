import { describe, expect, test } from 'vitest';
import { axis, input } from '../../../dsl/index.ts';
import { head, modelGraph } from '../../../models/pldr/index.ts';
import { verifyCaches } from '../../../verify/index.ts';
import type { RicciError } from '../../../dsl/errors.ts';
import { Pasted } from '../../support/pasted.ts';
import { errorOf } from '../../weights/support.ts';
import { smallConfig } from '../../../verify/arbitraries/configs.ts';
import { attention, Key, Pos, RIGHT, type Parts } from './models.ts';

const Embed = axis('embed', 4);

describe('caches that change nothing', () => {
  test('of attention through an operator, with counted positions or without', () => {
    verifyCaches({ output: attention(RIGHT), pos: Pos });
    verifyCaches({ output: attention({ ...RIGHT, positions: 'none' }), pos: Pos });
  });

  test.each([1, 2])('of a PLDR-LLM with a batch of %i', (batch) => {
    const config = smallConfig({ layers: 2, heads: 2, hiddenSize: 8 });
    const { axes, decoded } = modelGraph(config, { batch });
    verifyCaches({ output: head(decoded.hidden, axes, config), pos: axes.Pos }, { runs: 10, positions: 5 });
  });
});

describe('faults are found, and shrunk to the shortest text and a small model that show them', () => {
  const failure = async (parts: Partial<Parts>): Promise<RicciError> =>
    errorOf(async () => verifyCaches({ output: attention({ ...RIGHT, ...parts }), pos: Pos }, { seed: 1 }));

  test('a mask is missing', async () => {
    const { code, message } = await failure({ sees: 'all' });
    expect(code).toBe('verify/caches');
    expect(message).toMatch(/after a prompt of 1 and 1 more .*positions of the prompt differ by /);
    expect(message).toContain('(again with { seed: 1 })');
    expect(message).toContain(`
import { verifyCaches } from 'ricci/verify';
import { axis, cache, dot, input, rename, symbol } from 'ricci/dsl';

const length = symbol('length', 12);
const [Pos, Col, Dk] = [axis('pos', length), axis('col', 1), axis('dk', 1)];
const Key = axis('key', length);

const u3 = input('u3', [Pos, Col]);
const u2 = input('u2', [Pos, Dk]);
const k = cache(u2, Pos, Key, 'k');
const u1 = input('u1', [Key, Dk]);
const output = dot(dot(u3, rename(k, Dk, Col), Col), u1, Key);

verifyCaches({ output, pos: Pos }, { text: { prompt: 1, more: 1, seed: 0 } });
`);
  });

  test('keys are not kept: the line that joins two lengths is named', async () => {
    const { message, place } = await failure({ keys: 'new' });
    expect(message).toContain('rename: the sizes of pos: 1 and key: rowsSoFar');
    expect(place?.file).toMatch(/models\.ts$/);
  });

  test('the operator is made anew', async () => {
    const { code, message } = await failure({ operator: 'anew' });
    expect(code).toBe('verify/caches');
    expect(message).toMatch(/after a prompt of 1 and 1 more .*position 1 differs by .*\n[^]*dot\(.*, Pos\)/);
    expect(message).not.toContain('freeze(');
  });

  test('the printed programs have the types that they need, and fail in the same way', async () => {
    const pasted = new Pasted();
    const faults: readonly Partial<Parts>[] = [{ sees: 'all' }, { sees: 'later' }, { operator: 'anew' }];
    const messages = await Promise.all(faults.map(failure));
    const programs = messages.map(({ message }) => /^import [^]*^verifyCaches\(.*$/m.exec(message)?.[0] ?? '');
    const files = programs.map((program) => pasted.write(program
      .replace('ricci/dsl', pasted.specifier('dsl/index.ts'))
      .replace('ricci/verify', pasted.specifier('verify/index.ts'))));
    expect(pasted.problems(files)).toEqual([]);
    for (const [i, file] of files.entries()) {
      const again = await errorOf(() => pasted.run(file));
      expect(again.code).toBe('verify/caches');
      expect(again.message).toContain(programs[i]);
    }
    pasted.remove();
  });
});

describe('what cannot be verified is refused', () => {
  test('an output without positions', async () => {
    const error = await errorOf(async () => verifyCaches({ output: input('x', [Key, Embed]), pos: Pos }));
    expect(error).toMatchObject({ code: 'verify/positions' });
  });

  test('a model that keeps nothing', async () => {
    const error = await errorOf(async () => verifyCaches({ output: input('x', [Pos, Embed]), pos: Pos }));
    expect(error).toMatchObject({ code: 'verify/no-caches' });
  });
});
