"""
One task of a peer, in a process of its own; prints one line of JSON:
  python bench/peers/run.py torch|jax|tinygrad '{"task": "about"}'
  … '{"task": "logits", "model": DIR, "prompt": [5, 7], "fed": [9], "capacity": 8, "threads": 2, "out": FILE}'
  … '{"task": "time", "model": DIR, "prompt": [5, 7], "tokens": 33, "capacity": 64, "threads": 2, "repeats": 3, …}'
  … '{"task": "matmul", "product": "a·b", "n": 512, "first": FILE, "second": FILE, "out": FILE, "repeats": 9}'
  … '{"task": "train", "model": DIR, "device": "cpu", "chunks": FILE, "rates": [0, 1e-3], …, "repeats": 9}'
protocol.ts has the types.
"""

import importlib
import json
import sys
from time import perf_counter

import numpy as np
from safetensors.numpy import save_file

import uncached

# Products before those that are timed.
WARM_UP_PRODUCTS = 3


def write_logits(peer, request):
    model = open_model(peer, request)
    save_file({"logits": model.logits(request["prompt"], request["fed"])}, request["out"])
    return {}


def time_texts(peer, request):
    """The first texts, which warm up and in which JAX and tinygrad compile, and `repeats` texts after them."""
    model = open_model(peer, request)
    warm_up = getattr(peer, "WARM_UP_TEXTS", 1)
    texts = [time_text(model, request) for _ in range(warm_up + request["repeats"])]
    return {"firstPromptSeconds": texts[0]["promptSeconds"], "texts": texts[warm_up:]}


def open_model(peer, request):
    model = peer.Model(request["model"], request["capacity"], request["threads"])
    return uncached.Model(model) if request["cache"] == "none" else model


def time_text(model, request):
    start = perf_counter()
    ids, times = [], []
    for token in model.generate(request["prompt"], request["tokens"]):
        times.append(perf_counter())
        ids.append(token)
    steps = len(ids) - 1
    speed = {"tokensPerSecond": steps / (times[-1] - times[0])} if steps > 0 else {}
    return {"ids": ids, "promptSeconds": times[0] - start, **speed}


def time_products(peer, request):
    n = request["n"]
    first, second = (np.fromfile(request[name], np.float32).reshape(n, n) for name in ("first", "second"))
    products = peer.Products(first, second, transposed=request["product"] == "a·bᵀ")
    seconds = []
    for _ in range(WARM_UP_PRODUCTS + request["repeats"]):
        start = perf_counter()
        products.run()
        seconds.append(perf_counter() - start)
    products.result().tofile(request["out"])
    return {"seconds": seconds[WARM_UP_PRODUCTS:]}


def train(name, request):
    """One update for each rate, whose losses it returns, and `repeats` updates after them, which it times."""
    training = importlib.import_module(f"training_{name}").Training(request)
    shape = (-1, request["batch"], request["positions"] + 1)
    chunks = np.fromfile(request["chunks"], np.int32).reshape(shape)
    losses, seconds = [], []
    rates = request["rates"]
    for step in range(len(rates) + request["repeats"]):
        batch = chunks[step % len(chunks)]
        start = perf_counter()
        loss = training.update(batch[:, :-1], batch[:, 1:], rates[min(step, len(rates) - 1)])
        seconds.append(perf_counter() - start)
        losses.append(loss)
    return {"losses": losses[: len(rates)], "seconds": seconds[len(rates) :]}


TASKS = {"about": lambda *_: {}, "logits": write_logits, "time": time_texts, "matmul": time_products}


def main():
    name, text = sys.argv[1:]
    request = json.loads(text)
    try:
        peer = importlib.import_module(f"model_{name}")
        done = train(name, request) if request["task"] == "train" else TASKS[request["task"]](peer, request)
        print(json.dumps({**peer.about(), **done}))
    except (ImportError, ValueError, OSError, RuntimeError) as error:
        sys.exit(f"{name}: {error}")


main()
