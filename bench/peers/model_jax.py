"""PLDR-LLM in JAX: one text, KV-cache and G-cache, f32 on the CPU. A pass is one compiled function."""

import os
from functools import partial

import jax
import jax.numpy as jnp

from checkpoint import load_config, load_weights, rotations


class Model:
    """Holds weights and the caches of one text, which `prefill` begins and `step` extends."""

    def __init__(self, folder, capacity, threads):
        # XLA takes as many threads as there are cores that the process may use.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
        self.config = config = load_config(folder)
        self.weights = jax.tree.map(jnp.asarray, input_major(load_weights(folder, config)))
        self.turn = tuple(map(jnp.asarray, rotations(config, capacity)))
        shape = (config.heads, capacity, config.head_dim)
        self.cache = [(jnp.zeros(shape), jnp.zeros(shape)) for _ in range(config.layers)]

    def prefill(self, ids):
        """Reads a text, makes G from it, and returns the logits [vocab] after its last token."""
        ids = jnp.asarray(ids, jnp.int32)
        logits, token, self.operators, self.cache = prefill(self.config, self.weights, self.turn, ids, self.cache)
        self.position = jnp.int32(len(ids))
        return logits, token

    def read(self, ids):
        """Logits [vocab] after a text, at the host."""
        return jax.device_get(self.prefill(ids)[0])

    def step(self, token):
        """Reads one more token [1] under the G of the text's beginning; logits [vocab]."""
        logits, token, self.position, self.cache = step(
            self.config, self.weights, self.turn, self.operators, token, self.position, self.cache
        )
        return logits, token

    def generate(self, prompt, tokens):
        """Greedy tokens, one by one; each is read while the next is being computed."""
        _, token = self.prefill(prompt)
        yield int(token[0])
        for n in range(1, tokens):
            before = token
            _, token = self.step(token)
            if n > 1:
                yield int(before[0])
        if tokens > 1:
            yield int(token[0])

    def logits(self, prompt, fed):
        """Logits after the prompt and after each of the tokens `fed` [1 + len(fed), vocab]."""
        rows = [self.prefill(prompt)[0]] + [self.step(jnp.array([token], jnp.int32))[0] for token in fed]
        return jax.device_get(jnp.stack(rows))


def input_major(tree):
    """Linear layers with weights [in, out], as JAX multiplies them: x @ W + b."""
    if isinstance(tree, dict):
        return {key: input_major(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [input_major(value) for value in tree]
    if isinstance(tree, tuple) and tree[0].ndim == 2:
        return tree[0].T.copy(), tree[1]
    return tree


@partial(jax.jit, static_argnums=0, donate_argnames="cache")
def prefill(config, weights, turn, ids, cache):
    x = embed(config, weights, ids)
    cos, sin = (t[: len(ids)] for t in turn)
    causal = jnp.tril(jnp.ones((len(ids), len(ids)), bool))
    operators, kept = [], []
    for layer, (keys, values) in zip(weights["layers"], cache):
        q, k, v = projections(config, layer, x, cos, sin)
        G = operator(config, layer, q)
        x = rest(config, layer, x, attend(config, q @ G, k, v, causal))
        operators.append(G)
        kept.append((keys.at[:, : len(ids)].set(k), values.at[:, : len(ids)].set(v)))
    logits = linear(x[-1:], weights["head"])
    return logits[0], logits.argmax(-1).astype(jnp.int32), operators, kept


@partial(jax.jit, static_argnums=0, donate_argnames="cache")
def step(config, weights, turn, operators, token, position, cache):
    x = embed(config, weights, token)
    cos, sin = (jax.lax.dynamic_slice_in_dim(t, position, 1) for t in turn)
    kept = []
    for layer, G, (keys, values) in zip(weights["layers"], operators, cache):
        q, k, v = projections(config, layer, x, cos, sin)
        keys = jax.lax.dynamic_update_slice_in_dim(keys, k, position, axis=1)
        values = jax.lax.dynamic_update_slice_in_dim(values, v, position, axis=1)
        seen = jnp.arange(keys.shape[1]) <= position
        x = rest(config, layer, x, attend(config, q @ G, keys, values, seen))
        kept.append((keys, values))
    logits = linear(x, weights["head"])
    return logits[0], logits.argmax(-1).astype(jnp.int32), position + 1, kept


def embed(config, weights, ids):
    return norm(config, weights["embedding"][ids] * config.hidden**0.5, weights["norm"])


def projections(config, layer, x, cos, sin):
    """q and k, turned by their positions, and v: [head, pos, d] each."""
    qkv = linear(x, layer["qkv"]).reshape(-1, 3, config.heads, config.head_dim)
    q, k, v = qkv.transpose(1, 2, 0, 3)
    return rotate(q, cos, sin), rotate(k, cos, sin), v


def attend(config, q, k, v, mask):
    """softmax(q·kᵀ / √d)·v where `mask` allows, heads side by side [pos, hidden]."""
    scores = jnp.einsum("hsd,htd->hst", q, k) / config.head_dim**0.5
    weights = jax.nn.softmax(jnp.where(mask, scores, -jnp.inf), axis=-1)
    return jnp.einsum("hst,htd->hsd", weights, v).transpose(1, 0, 2).reshape(-1, config.hidden)


def rest(config, layer, x, attended):
    """What follows attention in a layer."""
    h = norm(config, linear(attended, layer["dense"]) + x, layer["norm1"])
    return norm(config, glu(h, layer["ffn"]) + h, layer["norm2"])


def operator(config, layer, q):
    """G [head, d, d] by power law graph attention, from the density of the queries."""
    A = norm(config, q.transpose(0, 2, 1) @ q, layer["density_norm"])
    for unit in layer["units"]:
        y = A
        for weights in unit["glus"]:
            y = glu(y, weights)
        A = norm(config, y + A, unit["norm"])
    p = layer["plga"]
    U = p["Wlst"] @ A + p["blst"]
    A_LM = U * jax.nn.silu(U) + 1e-9
    return p["alst"] @ A_LM ** p["pwlst"] + p["balst"]


def rotate(x, cos, sin):
    """Turns neighbours (2m, 2m + 1) by the angle of their position."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return jnp.stack((even * cos - odd * sin, even * sin + odd * cos), axis=-1).reshape(x.shape)


def glu(x, weights):
    gate, value = jnp.split(linear(x, weights["in"]), 2, axis=-1)
    return linear(jax.nn.silu(gate) * value, weights["out"])


def linear(x, weights):
    return x @ weights[0] + weights[1]


def norm(config, x, weights):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + config.eps) * weights[0] + weights[1]


def about():
    """What computes."""
    return {"about": f"JAX {jax.__version__}, {jax.devices()[0].platform}"}
