import {
  add, axis, cache, dot, freeze, input, iota, lessEqual, mul, parameter, rename, softmax, symbol, tanh, where,
  type AnyTensor, type Tensor,
} from '../../../dsl/index.ts';

const length = symbol('length', 12);
export const [Pos, Key] = [axis('pos', length), axis('key', length)];
const [Embed, Dk, Row, Col] = [axis('embed', 4), axis('dk', 3), axis('row', 3), axis('col', 3)];

/** What a fault changes in a model that is right. */
export interface Parts {
  readonly sees: 'earlier' | 'later' | 'all';
  readonly keys: 'cached' | 'new';
  readonly operator: 'frozen' | 'anew';
  readonly positions: 'counted' | 'none';
}

export const RIGHT: Parts = { sees: 'earlier', keys: 'cached', operator: 'frozen', positions: 'counted' };

/** Attention through an operator that the queries make, as in PLDR-LLM. */
export function attention(parts: Parts): AnyTensor {
  const given = input('x', [Pos, Embed]);
  const x = parts.positions === 'counted' ? add(given, mul(iota(Pos), 0.1)) : given;
  const project = (name: string) => dot(x, parameter(name, [Embed, Dk]), Embed);
  const [q, k, v] = ['q', 'k', 'v'].map(project);
  const made = tanh(dot(rename(q, Dk, Row), rename(q, Dk, Col), Pos));
  const G = parts.operator === 'frozen' ? freeze(made, 'G') : made;
  const keys = parts.keys === 'cached' ? cache(k, Pos, Key, 'k') : rename(k, Pos, Key);
  const scores = dot(dot(rename(q, Dk, Row), G, Row), rename(keys, Dk, Col), Col);
  return dot(softmax(hidden(scores, parts.sees), Key), cache(v, Pos, Key, 'v'), Key);
}

function hidden(scores: Tensor<'pos' | 'key'>, sees: Parts['sees']): Tensor<'pos' | 'key'> {
  if (sees === 'all') return scores;
  return where(sees === 'earlier' ? lessEqual(iota(Key), iota(Pos)) : lessEqual(iota(Pos), iota(Key)), scores, -1e9);
}
