/*
 * PLDR-LLM v51 as published: attention is softmax(Q·G·Kᵀ / √d)·V, and G is learned from the queries (arXiv 2502.13502).
 *
 * The file declares how one layer makes G out of its input, and nothing else: where G is made once and where it is read
 * again for every token, which values share a kernel and where they lie is the compiler's business.
 *
 *   node bin/ricci.mjs generate --variant examples/pldr-v51.ts "ROMEO:"
 */
import { dot, mul, rename } from 'ricci/dsl';
import { powerLawOperator, type Variant } from 'ricci/pldr';

/**
 * G of every layer and head, from rotated queries q [batch, pos, head, dk]:
 * - the density QᵀQ is a sum over all positions of the text, so G is a statistic of the whole prompt;
 * - a deep net of gated linear units, the metric learner, turns it into A;
 * - A becomes the potential A_P = (iSwiGLU(W·A + b) + 1e-9)^pw, elementwise;
 * - G = a·A_P + ba.
 */
const v51: Variant = (input) => {
  const { q, present, axes: { Dk, Row, Col, Pos } } = input;
  // `present` is 0 for padding, which must not count.
  const density = dot(mul(rename(q, Dk, Row), present), rename(q, Dk, Col), Pos);
  return powerLawOperator(density, input);
};

export default v51;
