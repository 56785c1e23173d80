"""What is written already, and what that means for the next token."""

from __future__ import annotations

import typing

from kerasseq.decoding.ranks import flat_ranks
from kerasseq.lazily import ops
from kerasseq.tensors import PAD_ID

if typing.TYPE_CHECKING:
    from kerasseq.tensors import Tensor


def marked(ids: Tensor, width: int) -> Tensor:
    """Bool `(R, width)`, True at each of the ids `(R, M)` of a row."""
    rows = ops.shape(ids)[0]
    flat = flat_ranks(ids, rows, width)[:, None]  # (R * M, 1)
    ones = ops.cast(ops.ones_like(flat[:, 0]), "float32")
    counts = ops.scatter(flat, ones, (rows * width,))
    return ops.reshape(counts > 0, (-1, width))


def penalised(values: Tensor, tokens: Tensor, start_id: int, penalty: float) -> Tensor:
    """Values with those of tokens that are written made worse (Keskar et al. 2019, section 4.1).

    As transformers has it, a negative value is multiplied by the penalty where a positive one is
    divided, and what a target begins with is written too.

    Args:
        values: float tensor `(R, V)`, logits or `log p`.
        tokens: int32 `(R, T)`, what is written, padded with 0.
        start_id: int.
        penalty: float `θ`, above 1 against repetition.

    Returns:
        float tensor `(R, V)`; that of padding means nothing.
    """
    width = values.shape[-1]
    ids = ops.arange(width, dtype="int32")[None]
    written = marked(tokens, width) | ops.equal(ids, start_id)  # (R, V)
    return ops.where(written, ops.where(values < 0, values * penalty, values / penalty), values)


def repeated_ngrams(tokens: Tensor, step: Tensor, size: int, width: int) -> Tensor:
    """The tokens that would write an n-gram for the second time (Paulus et al. 2018, section 2.5).

    Args:
        tokens: int32 `(R, T)`, what is written before `step`, padded with 0.
        step: scalar int32.
        size: int `n` of 1 to `T`.
        width: int `V`.

    Returns:
        bool `(R, V)`; padding may be among them.
    """
    windows = tokens.shape[1] - size + 1  # W
    same = ops.ones_like(tokens[:, :windows], dtype="bool")  # (R, W)
    for place in range(size - 1):  # of the last n - 1 tokens
        last = ops.take(tokens, ops.maximum(step - (size - 1) + place, 0), axis=1)[:, None]
        same &= ops.equal(tokens[:, place : place + windows], last)
    # Before n - 1 tokens are written each window ends in padding.
    return marked(ops.where(same, tokens[:, size - 1 :], PAD_ID), width)
