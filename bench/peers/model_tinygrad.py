"""PLDR-LLM in tinygrad: one text, KV-cache and G-cache, f32 on WebGPU. A pass is captured once and then replayed."""

import math

import numpy as np

import tinygrad_webgpu  # chooses the device, before tinygrad looks for one
from tinygrad import Device, Tensor, TinyJit, UOp

from checkpoint import load_config, load_weights, rotations

# TinyJit computes at the first call, captures at the second, and replays from the third on.
WARM_UP_TEXTS = 3

about = tinygrad_webgpu.about


def tensors(tree):
    """The same nest of containers with tensors on the device for arrays."""
    if isinstance(tree, dict):
        return {key: tensors(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [tensors(value) for value in tree]
    return Tensor(tree).realize()


class Model:
    """Holds weights and the caches of one text, which `prefill` begins and `step` extends."""

    def __init__(self, folder, capacity, threads):
        self.config = config = load_config(folder)
        self.weights = tensors(load_weights(folder, config))
        self.cos, self.sin = tensors(rotations(config, capacity))

        def zeros(*shape):
            return [Tensor.zeros(config.heads, *shape).contiguous().realize() for _ in range(config.layers)]

        self.keys, self.values = zeros(capacity, config.head_dim), zeros(capacity, config.head_dim)
        self.operators = zeros(config.head_dim, config.head_dim)
        self.place = UOp.variable("place", 1, capacity - 1)
        self.read_prompt, self.read_token = TinyJit(self.prompt_pass), TinyJit(self.token_pass)

    def prefill(self, ids):
        """Reads a text, makes G from it, and returns the logits [vocab] and the greedy token [1] after its last."""
        self.length = len(ids)
        return self.read_prompt(Tensor(ids, dtype="int32").realize())

    def step(self, token):
        """Reads one more token [1] under the G of the text's beginning."""
        self.length += 1
        return self.read_token(token.contiguous(), self.place.bind(self.length - 1))

    def prompt_pass(self, ids):
        return self.forward(ids, 0, True)

    def token_pass(self, token, place):
        return self.forward(token, place, False)

    def forward(self, ids, start, is_prompt):
        w = self.weights
        x = self.norm(w["embedding"][ids] * math.sqrt(self.config.hidden), w["norm"])
        for i, layer in enumerate(w["layers"]):
            h = self.norm(self.attention(x, i, layer, start, is_prompt) + x, layer["norm1"])
            x = self.norm(glu(h, layer["ffn"]) + h, layer["norm2"])
        logits = linear(x[-1:], w["head"])
        return logits[0].realize(), logits.argmax(-1).cast("int32").realize()

    def attention(self, x, i, layer, start, is_prompt):
        c = self.config
        end = start + x.shape[0]
        q, k, v = linear(x, layer["qkv"]).reshape(-1, 3, c.heads, c.head_dim).permute(1, 2, 0, 3)  # [head, pos, d] each
        q, k = self.rotate(q, start, end), self.rotate(k, start, end)
        if is_prompt:
            self.operators[i].assign(self.operator(q, layer)).realize()
        self.keys[i][:, start:end].assign(k).realize()
        self.values[i][:, start:end].assign(v).realize()
        keys, values = self.keys[i][:, :end], self.values[i][:, :end]
        o = (q @ self.operators[i]).scaled_dot_product_attention(keys, values, is_causal=is_prompt)
        return linear(o.transpose(0, 1).reshape(-1, c.hidden), layer["dense"])

    def operator(self, q, layer):
        """G [head, d, d] by power law graph attention, from the density of the queries."""
        A = self.norm(q.transpose(1, 2) @ q, layer["density_norm"])
        for unit in layer["units"]:
            y = A
            for weights in unit["glus"]:
                y = glu(y, weights)
            A = self.norm(y + A, unit["norm"])
        p = layer["plga"]
        U = p["Wlst"] @ A + p["blst"]
        A_LM = U * U.silu() + 1e-9
        return p["alst"] @ A_LM ** p["pwlst"] + p["balst"]

    def rotate(self, x, start, end):
        """Turns neighbours (2m, 2m + 1) by the angle of their position."""
        even, odd = x[..., 0::2], x[..., 1::2]
        cos, sin = self.cos[start:end], self.sin[start:end]
        return Tensor.stack(even * cos - odd * sin, even * sin + odd * cos, dim=-1).flatten(-2)

    def norm(self, x, weights):
        return x.layernorm(eps=self.config.eps) * weights[0] + weights[1]

    def generate(self, prompt, tokens):
        """Greedy tokens, one by one."""
        _, token = self.prefill(prompt)
        for n in range(tokens):
            if n > 0:
                _, token = self.step(token)
            yield token.item()

    def logits(self, prompt, fed):
        """Logits after the prompt and after each of the tokens `fed` [1 + len(fed), vocab]."""
        rows = [self.prefill(prompt)[0].numpy()]
        rows += [self.step(Tensor([token], dtype="int32").realize())[0].numpy() for token in fed]
        return np.stack(rows)


def glu(x, weights):
    gate, value = linear(x, weights["in"]).chunk(2, dim=-1)
    return linear(gate.silu() * value, weights["out"])


def linear(x, weights):
    return x @ weights[0].T + weights[1]


class Products:
    """A product of two matrices that stay on the device, as does the result."""

    def __init__(self, first, second, transposed):
        self.operands = Tensor(first).realize(), Tensor(second).realize()
        self.multiply = TinyJit(lambda a, b: (a @ (b.T if transposed else b)).realize())

    def run(self):
        """Computes it, and returns when the device is done."""
        self.product = self.multiply(*self.operands)
        Device["WEBGPU"].synchronize()

    def result(self):
        return self.product.numpy()
