"""
One task of a peer, in a process of its own; prints one line of JSON:
  python bench/peers/run.py torch|jax '{"task": "about"}'
  … '{"task": "logits", "model": DIR, "prompt": [5, 7], "fed": [9], "capacity": 8, "threads": 2, "out": FILE}'
  … '{"task": "time", "model": DIR, "prompt": [5, 7], "tokens": 33, "capacity": 64, "threads": 2, "repeats": 3}'
protocol.ts has the types.
"""

import importlib
import json
import sys
from time import perf_counter

from safetensors.numpy import save_file


def write_logits(peer, request):
    model = peer.Model(request["model"], request["capacity"], request["threads"])
    save_file({"logits": model.logits(request["prompt"], request["fed"])}, request["out"])
    return {}


def time_texts(peer, request):
    """The first text, which warms up and in which JAX compiles, and `repeats` texts after it."""
    model = peer.Model(request["model"], request["capacity"], request["threads"])
    first, *texts = [time_text(model, request) for _ in range(1 + request["repeats"])]
    return {"firstPromptSeconds": first["promptSeconds"], "texts": texts}


def time_text(model, request):
    start = perf_counter()
    ids, times = [], []
    for token in model.generate(request["prompt"], request["tokens"]):
        times.append(perf_counter())
        ids.append(token)
    steps = len(ids) - 1
    speed = {"tokensPerSecond": steps / (times[-1] - times[0])} if steps > 0 else {}
    return {"ids": ids, "promptSeconds": times[0] - start, **speed}


TASKS = {"about": lambda peer, _: {"about": peer.about()}, "logits": write_logits, "time": time_texts}


def main():
    name, text = sys.argv[1:]
    request = json.loads(text)
    try:
        print(json.dumps(TASKS[request["task"]](importlib.import_module(f"model_{name}"), request)))
    except (ImportError, ValueError, OSError) as error:
        sys.exit(f"{name}: {error}")


main()
