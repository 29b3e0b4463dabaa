"""PLDR-LLM in plain PyTorch: one text, KV-cache and G-cache, f32 on the CPU."""

import math
import re

import numpy as np
import torch
import torch.nn.functional as F

from checkpoint import load_config, load_weights, rotations


def tensors(tree):
    """The same nest of containers with tensors for arrays."""
    if isinstance(tree, dict):
        return {key: tensors(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [tensors(value) for value in tree]
    if isinstance(tree, tuple):
        # Outputs lie side by side: where inputs do, MKL multiplies a single row in one thread.
        return [torch.from_numpy(np.asfortranarray(value)) for value in tree]
    return torch.from_numpy(tree)


class Model:
    """Holds weights and the caches of one text, which `prefill` begins and `step` extends."""

    def __init__(self, folder, capacity, threads):
        torch.set_num_threads(threads)
        self.config = config = load_config(folder)
        self.weights = tensors(load_weights(folder, config))
        self.cos, self.sin = map(torch.from_numpy, rotations(config, capacity))
        self.keys = torch.zeros(config.layers, config.heads, capacity, config.head_dim)
        self.values = torch.zeros_like(self.keys)
        self.operators = [None] * config.layers
        self.length = 0

    @torch.inference_mode()
    def prefill(self, ids):
        """Reads a text, makes G from it, and returns the logits [vocab] after its last token."""
        self.length = 0
        self.operators = [None] * self.config.layers
        return self.forward(torch.tensor(ids))

    def read(self, ids):
        """Logits [vocab] after a text."""
        return self.prefill(ids).numpy()

    @torch.inference_mode()
    def step(self, token):
        """Reads one more token under the G of the text's beginning; logits [vocab]."""
        return self.forward(torch.tensor([token]))

    def forward(self, ids):
        start, end = self.length, self.length + len(ids)
        w = self.weights
        x = self.norm(F.embedding(ids, w["embedding"]) * math.sqrt(self.config.hidden), w["norm"])
        for i, layer in enumerate(w["layers"]):
            h = self.norm(self.attention(x, i, layer, start, end) + x, layer["norm1"])
            x = self.norm(glu(h, layer["ffn"]) + h, layer["norm2"])
        self.length = end
        return F.linear(x[-1:], *w["head"])[0]

    def attention(self, x, i, layer, start, end):
        c = self.config
        q, k, v = F.linear(x, *layer["qkv"]).view(-1, 3, c.heads, c.head_dim).permute(1, 2, 0, 3)  # [head, pos, d] each
        q, k = self.rotate(q, start, end), self.rotate(k, start, end)
        if self.operators[i] is None:
            self.operators[i] = self.operator(q, layer)
        self.keys[i, :, start:end] = k
        self.values[i, :, start:end] = v
        o = F.scaled_dot_product_attention(
            (q @ self.operators[i])[None],
            self.keys[i, None, :, :end],
            self.values[i, None, :, :end],
            is_causal=end - start > 1,
        )
        return F.linear(o[0].transpose(0, 1).reshape(-1, c.hidden), *layer["dense"])

    def operator(self, q, layer):
        """G [head, d, d] by power law graph attention, from the density of the queries."""
        A = self.norm(q.transpose(1, 2) @ q, layer["density_norm"])
        for unit in layer["units"]:
            y = A
            for weights in unit["glus"]:
                y = glu(y, weights)
            A = self.norm(y + A, unit["norm"])
        p = layer["plga"]
        U = torch.baddbmm(p["blst"], p["Wlst"], A)
        A_LM = U * F.silu(U) + 1e-9
        return torch.baddbmm(p["balst"], p["alst"], A_LM.pow(p["pwlst"]))

    def rotate(self, x, start, end):
        """Turns neighbours (2m, 2m + 1) by the angle of their position."""
        even, odd = x[..., 0::2], x[..., 1::2]
        cos, sin = self.cos[start:end], self.sin[start:end]
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)

    def norm(self, x, weights):
        return F.layer_norm(x, x.shape[-1:], *weights, self.config.eps)

    def generate(self, prompt, tokens):
        """Greedy tokens, one by one."""
        logits = self.prefill(prompt)
        for n in range(tokens):
            if n > 0:
                logits = self.step(token)
            token = int(logits.argmax())
            yield token

    def logits(self, prompt, fed):
        """Logits after the prompt and after each of the tokens `fed` [1 + len(fed), vocab]."""
        rows = [self.prefill(prompt)] + [self.step(token) for token in fed]
        return torch.stack(rows).numpy()


def glu(x, weights):
    gate, value = F.linear(x, *weights["in"]).chunk(2, dim=-1)
    return F.linear(F.silu(gate) * value, *weights["out"])


def about():
    """What computes: versions, the BLAS, the instructions."""
    build = torch.__config__.show()
    blas = re.search(r"BLAS_INFO=(\w+)", build)
    mkl = re.search(r"Math Kernel Library Version (\S+)", build)
    names = [f"PyTorch {torch.__version__}", f"BLAS {blas[1] if blas else 'unknown'}"]
    names += ([f"MKL {mkl[1]}"] if mkl else []) + [torch.backends.cpu.get_cpu_capability()]
    return {"about": ", ".join(names)}
