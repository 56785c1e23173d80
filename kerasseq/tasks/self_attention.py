"""What the tokens of a text look at, in the encoder of a task."""

from __future__ import annotations

import typing
from collections.abc import Sequence

from kerasseq.lazily import ops

if typing.TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

    from kerasseq.files import AnyPath
    from kerasseq.tasks.encoder_task import EncoderTask


class SelfAttention(typing.NamedTuple):
    """Where every head of an encoder looks.

    Attributes:
        tokens: list of `S` str.
        attention: float32 array `(N, H, S, S)`, layers and heads.
    """

    tokens: list[str]
    attention: np.ndarray


def self_attention(
    task: EncoderTask[typing.Any, typing.Any, typing.Any, typing.Any], ids: Sequence[int]
) -> SelfAttention:
    """The attention of one row of ids, by layer and head.

    Args:
        task: task with a `tokenizer` and a `model.encoder`.
        ids: list of `S` int.

    Returns:
        SelfAttention.

    Raises:
        ValueError: when the encoder does not attend.
    """
    encoder = task.model.encoder
    if not hasattr(encoder, "attention"):
        raise ValueError(
            f"Expected an encoder that shows where it attends; received {type(encoder).__name__}. "
            "Use a BertEncoder or a ModernBertEncoder."
        )
    weights = ops.convert_to_numpy(encoder.attention(ops.convert_to_tensor([ids], "int32")))[0]
    return SelfAttention([task.tokenizer.vocabulary[i] for i in ids], weights)


def plot_self_attention(
    tokens: Sequence[str],
    attention: np.ndarray,
    path: AnyPath | None = None,
    words: bool = False,
    heads: bool = False,
) -> Figure:
    """Draws what `self_attention` returned: its rollout, or every head of every layer.

    Args:
        tokens: list of `S` str.
        attention: float array `(N, H, S, S)`.
        path: path of a `.png`, `.svg` or `.pdf` to write, or None.
        words: bool, join the pieces of words.
        heads: bool, a map for each layer and head.

    Returns:
        matplotlib.figure.Figure; see `kerasseq.plots`.
    """
    from kerasseq import plots

    drawn = tokens, tokens, attention if heads else plots.rollout(attention)
    if words:
        drawn = plots.join_pieces(*drawn)
    draw = plots.attention_heads if heads else plots.attention_map
    return draw(*drawn, path, source_name="looked at", target_name="token")
