"""A model without caches: every token reads the whole text again, and G is made anew from all of it."""

import numpy as np


class Model:
    """Generates as the model that it is given, whose `read` says what follows a text."""

    def __init__(self, model):
        self.model = model

    def generate(self, prompt, tokens):
        """Greedy tokens, one by one."""
        ids = list(prompt)
        for _ in range(tokens):
            ids.append(int(self.model.read(ids).argmax()))
            yield ids[-1]

    def logits(self, prompt, fed):
        """Logits after the prompt and after each of the tokens `fed` [1 + len(fed), vocab]."""
        return np.stack([self.model.read([*prompt, *fed[:n]]) for n in range(1 + len(fed))])
