// The two compiled passes of PLDR-LLM in jax-js; model_jax.py is the same in Python, with the same names. jax-js counts
// references: a function uses up the arrays that it is given, and what is needed once more is given as `x.ref`.

/** Compiled for a configuration and as many positions as the caches hold: the prompt's pass, and that of a token. */
export function passesOf(jax, config, capacity) {
  const { lax, nn, numpy: np } = jax;
  const { hidden, heads, headDim, eps } = config;

  /** x·Wᵀ + b over the last axis of x; W is [out, in]. */
  const linear = (x, [w, b]) =>
    lax.dot(x, w, { lhsContractingDims: [x.ndim - 1], rhsContractingDims: [1] }).add(b);

  /** A product of matrices for each head, the k-th axis of `a` with the l-th of `b`. */
  const perHead = (a, k, b, l) =>
    lax.dot(a, b, { lhsContractingDims: [k], rhsContractingDims: [l], lhsBatchDims: [0], rhsBatchDims: [0] });

  function norm(x, [gain, bias]) {
    const centred = x.ref.sub(x.mean(-1, { keepdims: true }));
    const variance = np.square(centred.ref).mean(-1, { keepdims: true });
    return centred.div(np.sqrt(variance.add(eps))).mul(gain).add(bias);
  }

  function glu(x, weights) {
    const [gate, value] = np.split(linear(x, weights.in), 2, -1);
    return linear(nn.silu(gate).mul(value), weights.out);
  }

  const embed = (weights, ids) => norm(np.take(weights.embedding, ids, 0).mul(Math.sqrt(hidden)), weights.norm);

  /** Turns neighbours (2m, 2m + 1) by the angle of their position. */
  function rotate(x, cos, sin) {
    const pairs = x.reshape([heads, -1, headDim / 2, 2]);
    const [even, odd] = [pairs.ref.slice([], [], [], 0), pairs.slice([], [], [], 1)];
    const turned = [even.ref.mul(cos.ref).sub(odd.ref.mul(sin.ref)), even.mul(sin).add(odd.mul(cos))];
    return np.stack(turned, -1).reshape([heads, -1, headDim]);
  }

  /** q and k, turned by their positions, and v: [head, pos, d] each. */
  function projections(layer, x, cos, sin) {
    const qkv = linear(x, layer.qkv).reshape([-1, 3, heads, headDim]).transpose([1, 2, 0, 3]);
    const [q, k, v] = [qkv.ref.slice(0), qkv.ref.slice(1), qkv.slice(2)];
    return [rotate(q, cos.ref, sin.ref), rotate(k, cos, sin), v];
  }

  /** softmax(q·kᵀ / √d)·v where `mask` allows, heads side by side [pos, hidden]. */
  function attend(q, k, v, mask) {
    const scores = perHead(q, 2, k, 2).div(Math.sqrt(headDim));
    const weights = nn.softmax(np.where(mask, scores, -Infinity), -1);
    return perHead(weights, 2, v, 1).transpose([1, 0, 2]).reshape([-1, hidden]);
  }

  /** What follows attention in a layer. */
  function rest(layer, x, attended) {
    const h = norm(linear(attended, layer.dense).add(x), layer.norm1);
    return norm(glu(h.ref, layer.ffn).add(h), layer.norm2);
  }

  /** G [head, d, d] by power law graph attention, from the density of the queries. */
  function operator({ densityNorm, units, plga }, q) {
    let A = norm(perHead(q.ref, 1, q, 1), densityNorm);
    for (const { glus, norm: weights } of units) A = norm(glus.reduce(glu, A.ref).add(A), weights);
    const U = np.matmul(plga.Wlst, A).add(plga.blst);
    const powers = np.power(U.ref.mul(nn.silu(U)).add(1e-9), plga.pwlst);
    return np.matmul(plga.alst, powers).add(plga.balst);
  }

  const chosen = (x, head) => {
    const logits = linear(x, head);
    return { logits: logits.ref, token: np.argmax(logits, -1).astype(np.int32) };
  };

  const prefill = jax.jit((weights, [cosines, sines], ids) => {
    const length = ids.shape[0];
    const [cos, sin] = [cosines.slice([0, length]), sines.slice([0, length])];
    const [operators, cache] = [[], []];
    const padded = (x) => np.pad(x, [[0, 0], [0, capacity - length], [0, 0]]);
    let x = embed(weights, ids);
    weights.layers.forEach((layer, i) => {
      const [q, k, v] = projections(layer, x.ref, cos.ref, sin.ref);
      const G = operator(weights.nets[i], q.ref);
      const causal = np.tril(np.ones([length, length])).greater(0);
      x = rest(layer, x, attend(np.matmul(q, G.ref), k.ref, v.ref, causal));
      operators.push(G);
      cache.push([padded(k), padded(v)]);
    });
    cos.dispose();
    sin.dispose();
    return { ...chosen(x.slice([length - 1]), weights.head), operators, cache };
  });

  const step = jax.jit((weights, [cosines, sines], operators, token, position, cache) => {
    const [cos, sin] = [np.take(cosines, position.ref, 0), np.take(sines, position.ref, 0)];
    const kept = [];
    const place = () => np.arange(capacity, undefined, undefined, { dtype: np.int32 });
    let x = embed(weights, token);
    weights.layers.forEach((layer, i) => {
      const [q, k, v] = projections(layer, x.ref, cos.ref, sin.ref);
      const here = place().equal(position.ref).reshape([capacity, 1]);
      const keys = np.where(here.ref, k, cache[i][0]);
      const values = np.where(here, v, cache[i][1]);
      const seen = place().lessEqual(position.ref);
      x = rest(layer, x, attend(np.matmul(q, operators[i]), keys.ref, values.ref, seen));
      kept.push([keys, values]);
    });
    cos.dispose();
    sin.dispose();
    return { ...chosen(x, weights.head), position: position.add(1), cache: kept };
  });

  return { prefill, step };
}
