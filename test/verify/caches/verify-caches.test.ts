import { describe, expect, test } from 'vitest';
import {
  add, axis, cache, dot, freeze, input, iota, lessEqual, mul, parameter, rename, softmax, symbol, tanh, where,
  type AnyTensor,
} from '../../../dsl/index.ts';
import { head, modelGraph } from '../../../models/pldr/index.ts';
import { verifyCaches } from '../../../verify/index.ts';
import type { RicciError } from '../../../dsl/errors.ts';
import { errorOf } from '../../weights/support.ts';
import { smallConfig } from '../../pldr/laws/models.ts';

const length = symbol('length', 12);
const [Pos, Key] = [axis('pos', length), axis('key', length)];
const [Embed, Dk, Row, Col] = [axis('embed', 4), axis('dk', 3), axis('row', 3), axis('col', 3)];

/** What a fault changes in a model that is right. */
interface Parts {
  readonly sees: 'earlier' | 'all';
  readonly keys: 'cached' | 'new';
  readonly operator: 'frozen' | 'anew';
  readonly positions: 'counted' | 'none';
}

const RIGHT: Parts = { sees: 'earlier', keys: 'cached', operator: 'frozen', positions: 'counted' };

/** Attention through an operator that the queries make, as in PLDR-LLM. */
function attention(parts: Parts): AnyTensor {
  const given = input('x', [Pos, Embed]);
  const x = parts.positions === 'counted' ? add(given, mul(iota(Pos), 0.1)) : given;
  const project = (name: string) => dot(x, parameter(name, [Embed, Dk]), Embed);
  const [q, k, v] = ['q', 'k', 'v'].map(project);
  const made = tanh(dot(rename(q, Dk, Row), rename(q, Dk, Col), Pos));
  const G = parts.operator === 'frozen' ? freeze(made, 'G') : made;
  const keys = parts.keys === 'cached' ? cache(k, Pos, Key, 'k') : rename(k, Pos, Key);
  const scores = dot(dot(rename(q, Dk, Row), G, Row), rename(keys, Dk, Col), Col);
  const seen = parts.sees === 'earlier' ? where(lessEqual(iota(Key), iota(Pos)), scores, -1e9) : scores;
  return dot(softmax(seen, Key), cache(v, Pos, Key, 'v'), Key);
}

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

describe('faults are found, and shrunk to the shortest text that shows them', () => {
  const failure = async (parts: Partial<Parts>): Promise<RicciError> =>
    errorOf(async () => verifyCaches({ output: attention({ ...RIGHT, ...parts }), pos: Pos }, { seed: 1 }));

  test('a mask is missing', async () => {
    const { code, message } = await failure({ sees: 'all' });
    expect(code).toBe('verify/caches');
    expect(message).toMatch(/after a prompt of 1 and 1 more .*positions of the prompt differ by /);
  });

  test('keys are not kept: the line that joins two lengths is named', async () => {
    const { message, place } = await failure({ keys: 'new' });
    expect(message).toContain('rename: the sizes of pos: 1 and key: rowsSoFar');
    expect(place?.file).toMatch(/verify-caches\.test\.ts$/);
  });

  test('the operator is made anew', async () => {
    const { code, message } = await failure({ operator: 'anew' });
    expect(code).toBe('verify/caches');
    expect(message).toMatch(/after a prompt of 1 and 1 more .*position 1 differs by .*\n[^]*dot\(/);
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
