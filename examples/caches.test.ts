// Whether caching changes what a model of your own computes: two lines in a test file, for any model that is declared
// in the language. Counter-examples are shrunk to the shortest text and a small model, printed as a program.
//   npx vitest run examples/caches.test.ts
import { test } from 'vitest';
import {
  axis, cache, dot, freeze, input, iota, lessEqual, parameter, rename, softmax, symbol, tanh, where,
} from 'ricci/dsl';
import { verifyCaches } from 'ricci/verify';

const length = symbol('length', 64);
const [Pos, Key] = [axis('pos', length), axis('key', length)];
const [Embed, Dk, Row, Col] = [axis('embed', 8), axis('dk', 4), axis('row', 4), axis('col', 4)];

const x = input('x', [Pos, Embed]);
const project = (name: string) => dot(x, parameter(name, [Embed, Dk]), Embed);
const q = project('wq');
const k = cache(project('wk'), Pos, Key, 'k'); // a further token finds these rows, and adds its own
const v = cache(project('wv'), Pos, Key, 'v');
const G = freeze(tanh(dot(rename(q, Dk, Row), rename(q, Dk, Col), Pos)), 'G'); // made of the prompt, once
const scores = dot(dot(rename(q, Dk, Row), G, Row), rename(k, Dk, Col), Col);
const seen = where(lessEqual(iota(Key), iota(Pos)), scores, -1e9);
const output = dot(softmax(seen, Key), v, Key);

test('caches change nothing', () => {
  verifyCaches({ output, pos: Pos });
});
