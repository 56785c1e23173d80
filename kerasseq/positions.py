"""The positions that a model has for tokens, and lengths beyond them, which share the last."""

import contextlib
import re

from kerasseq.lazily import ops, tf

BEYOND = "Expected {name} of at most {most} tokens, the model's positions for them; received "
PLAIN = re.compile(BEYOND.format(name=r"\w+", most=r"\d+") + r"[^\n]*more positions\.")


def check_positions(lengths, most, remedy):
    """Refuses lengths beyond a model's positions.

    Args:
        lengths: dict from names to int.
        most: dict from the same names to the most tokens, int or None.
        remedy: str, what to do, a sentence.

    Raises:
        ValueError: see above.
    """
    for name, length in lengths.items():
        if most[name] is not None and length > most[name]:
            raise ValueError(_refused(name, most[name], length, remedy))


def check_batch(inputs, most):
    """Refuses a batch to learn from that is longer than a model has positions.

    Where a TensorFlow graph leaves the length open, the graph itself refuses such a batch; see
    `told_plainly`.

    Args:
        inputs: dict of tensors `(B, S)` among others.
        most: dict from names of inputs to the most tokens, int or None.

    Raises:
        ValueError: see above; from within a graph tf.errors.InvalidArgumentError.
    """
    limits = {name: limit for name, limit in most.items() if limit is not None and name in inputs}
    lengths = {name: ops.shape(inputs[name])[1] for name in limits}
    known = {name: length for name, length in lengths.items() if isinstance(length, int)}
    check_positions(known, limits, _cut(limits))
    if len(known) < len(lengths):
        for name in lengths.keys() - known.keys():
            tf.debugging.assert_less_equal(
                lengths[name], limits[name], _refused(name, limits[name], "more", _cut(limits))
            )


@contextlib.contextmanager
def told_plainly():
    """While it lasts, what a graph refused as `check_batch` says is a ValueError."""
    try:
        yield
    except Exception as error:
        # Of tf.errors.InvalidArgumentError, without an import of TensorFlow.
        message = str(getattr(error, "message", "")).replace("\\'", "'")
        found = PLAIN.search(message)
        if found:
            raise ValueError(found[0]) from None
        raise


def _refused(name, most, length, remedy):
    return f"{BEYOND.format(name=name, most=most)}{length}. {remedy}"


def _cut(limits):
    most = min(limits.values(), default=0)
    return f"Pass max_length={most} to the corpus' batches, or make a model with more positions."
