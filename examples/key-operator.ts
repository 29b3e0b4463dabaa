/*
 * A variant that nobody has published: G is learned from the density of the keys, KᵀK, instead of that of the queries.
 *
 * The net that makes G is the same, with the same weights, so this asks whether a trained net can read the other side
 * of attention: how much of G is about what is asked, and how much about what is there to be found. (A fair answer
 * needs a model that is trained this way.)
 *
 * One word differs from pldr-v51.ts. Cached decoding, padding, the programs for the prompt and for one more token all
 * follow from the declaration.
 *
 *   node bin/ricci.mjs generate --variant examples/key-operator.ts "ROMEO:"
 *   node bin/ricci.mjs verify --variant examples/key-operator.ts
 */
import { dot, mul, rename } from 'ricci/dsl';
import { powerLawOperator, type Variant } from 'ricci/pldr';

/** As v51, with rotated keys k [batch, pos, head, dk] in the place of queries. */
const fromKeys: Variant = (input) => {
  const { k, present, axes: { Dk, Row, Col, Pos } } = input;
  const density = dot(mul(rename(k, Dk, Row), present), rename(k, Dk, Col), Pos);
  return powerLawOperator(density, input);
};

export default fromKeys;
