"""Training of the PLDR-LLM in plain PyTorch: batches of whole chunks, AdamW and clipping as the authors have them."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from checkpoint import load_config, load_weights, rotations
from model_torch import glu


def leaves(tree):
    """All tensors of a nest of containers."""
    if isinstance(tree, torch.Tensor):
        return [tree]
    return [leaf for part in (tree.values() if isinstance(tree, dict) else tree) for leaf in leaves(part)]


def parameters(tree, device):
    """The same nest of containers with parameters for arrays."""
    if isinstance(tree, dict):
        return {key: parameters(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [parameters(value, device) for value in tree]
    return torch.tensor(tree, device=device, requires_grad=True)


class Training:
    """A model whose weights begin as a checkpoint's, and its optimiser, whose moments begin at 0."""

    def __init__(self, request):
        if request["threads"] > 0:
            torch.set_num_threads(request["threads"])
        self.device = request["device"]
        self.config = config = load_config(request["model"])
        self.weights = parameters(load_weights(request["model"], config), self.device)
        tables = rotations(config, request["positions"])
        self.cos, self.sin = (torch.from_numpy(table).to(self.device) for table in tables)
        self.parameters = leaves(self.weights)
        # The fastest of PyTorch's own: one loop over each tensor for the whole update.
        self.optimizer = torch.optim.AdamW(
            self.parameters,
            betas=tuple(request["betas"]),
            eps=request["eps"],
            weight_decay=request["weightDecay"],
            fused=True,
        )
        self.clip = request["clip"]
        self.loss = torch.compile(self.forward) if request["compiled"] else self.forward

    def update(self, ids, targets, rate):
        """One update with a batch [batch, pos]; the loss before it."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.tensor(ids), self.tensor(targets))
        loss.backward()
        torch.nn.utils.clip_grad_value_(self.parameters, self.clip)
        self.optimizer.step()
        if self.device == "cuda":
            torch.cuda.synchronize()
        return loss.item()

    def tensor(self, ids):
        return torch.from_numpy(ids.astype(np.int64)).to(self.device)

    def forward(self, ids, targets):
        """Cross-entropy of chunks without padding."""
        w = self.weights
        x = self.norm(F.embedding(ids, w["embedding"]) * math.sqrt(self.config.hidden), w["norm"])
        for layer in w["layers"]:
            h = self.norm(self.attention(x, layer) + x, layer["norm1"])
            x = self.norm(glu(h, layer["ffn"]) + h, layer["norm2"])
        return F.cross_entropy(F.linear(x, *w["head"]).flatten(0, 1), targets.flatten())

    def attention(self, x, layer):
        c = self.config
        batch, length, _ = x.shape
        qkv = F.linear(x, *layer["qkv"]).view(batch, length, 3, c.heads, c.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # [batch, head, pos, d] each
        q, k = self.rotate(q), self.rotate(k)
        o = F.scaled_dot_product_attention(q @ self.operator(q, layer), k, v, is_causal=True)
        return F.linear(o.transpose(1, 2).reshape(batch, length, c.hidden), *layer["dense"])

    def operator(self, q, layer):
        """G [batch, head, d, d] by power law graph attention, from the density of the queries."""
        A = self.norm(q.transpose(2, 3) @ q, layer["density_norm"])
        for unit in layer["units"]:
            y = A
            for weights in unit["glus"]:
                y = glu(y, weights)
            A = self.norm(y + A, unit["norm"])
        p = layer["plga"]
        U = p["Wlst"] @ A + p["blst"]
        A_LM = U * F.silu(U) + 1e-9
        return p["alst"] @ A_LM.pow(p["pwlst"]) + p["balst"]

    def rotate(self, x):
        """Turns neighbours (2m, 2m + 1) by the angle of their position."""
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * self.cos - odd * self.sin, even * self.sin + odd * self.cos), dim=-1).flatten(-2)

    def norm(self, x, weights):
        return F.layer_norm(x, x.shape[-1:], *weights, self.config.eps)
