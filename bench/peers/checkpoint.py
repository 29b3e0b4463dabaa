"""A checkpoint folder in the published Hugging Face format, as plain NumPy arrays."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

# What these peers support: the shape of the published v51 models, whose G is learned. Any other value is refused.
REQUIRED = {
    "model_type": "pldrllm",
    "hidden_act": "silu",
    "rope_scaling": None,
    "reference_rope": True,
    "attention_bias": True,
    "glu_bias": True,
    "final_bias": True,
    "custom_G_type": None,
    "tie_word_embeddings": False,
}


@dataclass(frozen=True)
class Config:
    vocab: int
    hidden: int
    inner: int
    layers: int
    heads: int
    head_dim: int
    context: int
    eps: float
    rope_theta: float
    residual_units: int
    glu_per_unit: int


def load_config(folder):
    """Reads config.json; ValueError names every key that these peers cannot serve."""
    raw = json.loads(Path(folder, "config.json").read_text())
    wrong = [
        f"{key} is {json.dumps(raw.get(key))}, only {json.dumps(value)} is supported"
        for key, value in REQUIRED.items()
        if raw.get(key) != value
    ]
    if wrong:
        raise ValueError(f"{folder}/config.json: " + "; ".join(wrong))
    return Config(
        vocab=raw["vocab_size"],
        hidden=raw["hidden_size"],
        inner=raw["intermediate_size"],
        layers=raw["num_hidden_layers"],
        heads=raw["num_attention_heads"],
        head_dim=raw["head_dim"],
        context=raw["max_position_embeddings"],
        eps=raw["layer_norm_eps"],
        rope_theta=raw["rope_theta"],
        residual_units=raw["num_reslayerA"],
        glu_per_unit=raw["num_denseA"],
    )


def load_weights(folder, config):
    """
    Weights as f32 in the shape of the model: {embedding, norm, layers: [{...}], head}. A linear layer is a pair
    (weight [out, in], bias [out]), a norm a pair (gain, bias). Layers that read the same input are one: q, k and v, and
    the gate and the value of every gated unit.
    """
    tensors = load_file(Path(folder, "model.safetensors"))

    def pair(name):
        return tensors[f"{name}.weight"].astype(np.float32), tensors[f"{name}.bias"].astype(np.float32)

    def joined(*names):
        weights, biases = zip(*map(pair, names))
        return np.concatenate(weights), np.concatenate(biases)

    def glu(name):
        return {"in": joined(f"{name}.gluw1", f"{name}.gluw2"), "out": pair(f"{name}.gluw3")}

    def layer(i):
        name = f"decoder.dec_layers.{i}"
        mha = f"{name}.mha1"
        return {
            "qkv": joined(f"{mha}.wq", f"{mha}.wk", f"{mha}.wv"),
            "dense": pair(f"{mha}.dense"),
            "density_norm": pair(f"{mha}.layernorm1"),
            "units": [
                {
                    "glus": [glu(f"{mha}.reslayerAs.{r}.denseAs.{n}") for n in range(config.glu_per_unit)],
                    "norm": pair(f"{mha}.reslayerAs.{r}.layernormA"),
                }
                for r in range(config.residual_units)
            ],
            "plga": {key: tensors[f"{mha}.plgatt_layer.{key}"].astype(np.float32) for key in PLGA},
            "norm1": pair(f"{name}.layernorm1"),
            "ffn": glu(f"{name}.ffn"),
            "norm2": pair(f"{name}.layernorm2"),
        }

    return {
        "embedding": tensors["decoder.embedding.weight"].astype(np.float32),
        "norm": pair("decoder.layernorm1"),
        "layers": [layer(i) for i in range(config.layers)],
        "head": pair("final_layer"),
    }


PLGA = ("Wlst", "blst", "pwlst", "alst", "balst")


def rotations(config, positions):
    """Cosines and sines of the rotary embedding [positions, head_dim / 2]."""
    theta = config.rope_theta ** (-np.arange(0, config.head_dim, 2) / config.head_dim)
    angles = np.arange(positions)[:, None] * theta
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
