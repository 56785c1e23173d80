"""A model whose logits are written down, and all that it may say."""

import itertools

import numpy as np
from keras import ops

START, END = 2, 3
# Padding, unknown, start and end, and a 5-word vocabulary with the end symbol: 3 … 7.
VOCABULARY = 8
WORDS = range(3, 8)


class HistoryModel:
    """Logits that depend on the whole prefix, kept as a number in the state.

    The state is a code of the prefix, so that a wrongly gathered state changes every later
    logit. Row `r` of the batch has its own table.
    """

    def __init__(self, rows, steps, seed=0, peak=2.0):
        size = sum(VOCABULARY**n for n in range(steps))
        numbers = np.random.default_rng(seed)
        self.table = (peak * numbers.standard_normal((rows, size, VOCABULARY))).astype("float32")
        self.table[..., [1, 2]] = -50.0
        self.rows = rows

    def memory(self):
        return {"row": ops.arange(self.rows, dtype="int32")}

    def state(self):
        return {"code": ops.zeros((self.rows,), "int32")}

    def step(self, token, state, memory, step):
        code = ops.where(step == 0, 0, state["code"] * VOCABULARY + token + 1)
        size = self.table.shape[1]
        flat = ops.convert_to_tensor(self.table.reshape(-1, VOCABULARY))
        logits = ops.take(flat, memory["row"] * size + code % size, axis=0)
        # Attention that names the token that went in.
        return logits, {"code": code}, ops.one_hot(token, VOCABULARY)

    def log_p(self, row, prefix):
        code = 0
        for token in prefix:
            code = code * VOCABULARY + token + 1
        logits = self.table[row, code % self.table.shape[1]].astype("float64")
        return logits - np.log(np.exp(logits).sum())


def run(search, model, max_length, start=START, **given):
    found = search(model.step, model.memory(), model.state(), start, END, max_length, **given)
    return [None if leaf is None else ops.convert_to_numpy(leaf) for leaf in found]


def every_hypothesis(model, row, max_length):
    """All ended sequences and all truncated ones, with their log-probabilities."""
    middle = [word for word in WORDS if word != END]
    for length in range(max_length + 1):
        for prefix in itertools.product(middle, repeat=length):
            tokens = [*prefix, END] if length < max_length else list(prefix)
            yield tokens, sum(model.log_p(row, tokens[:i])[t] for i, t in enumerate(tokens))
