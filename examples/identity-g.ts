/*
 * G as the identity: Q·I·Kᵀ is Q·Kᵀ, so this is scaled dot-product attention as everyone knows it.
 *
 * The compiled programs then hold neither the net that makes G nor a multiplication by it, and the net's weights, which
 * the checkpoint has, are not even loaded. The checkpoint was trained with a learned G, so the text gets worse: what is
 * left is what queries and keys know without it.
 *
 *   node bin/ricci.mjs generate --variant examples/identity-g.ts "ROMEO:"
 */
import type { Variant } from 'ricci/pldr';

/** No operator stands for the identity. */
const identity: Variant = () => undefined;

export default identity;
