"""What can be seen of a translator at work."""

from __future__ import annotations

import typing

from kerasseq.tasks.attention_of_heads import attention_of_heads
from kerasseq.tasks.trace import Trace, trace

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasseq.files import AnyPath
    from kerasseq.tasks.translator import Translator


class Shown:
    """The pictures of a Translator's answers."""

    def show(self, text: str, *, candidates: int = 5) -> Trace:
        """Plays one translation, step by step: as the last line of a notebook's cell, the page.

        Args:
            text: str.
            candidates: int, likeliest next tokens to show of every step.

        Returns:
            Trace; see `kerasseq.tasks.trace`, and `kerasseq.plots.step_player` to write the page.
        """
        return trace(typing.cast("Translator", self), text, candidates=candidates)

    def plot_attention(
        self, text: str, path: AnyPath | None = None, *, words: bool = False, heads: bool = False
    ) -> Figure:
        """Draws the attention of one translation to its source.

        Args:
            text: str.
            path: path of a `.png`, `.svg` or `.pdf` to write, or None.
            words: bool, join the pieces of words.
            heads: bool, a map for each layer and head, of a Transformer.

        Returns:
            matplotlib.figure.Figure; see `kerasseq.plots`.

        Raises:
            ValueError: when the model does not attend, or has no heads.
        """
        from kerasseq import plots

        task = typing.cast("Translator", self)
        found = task.attention(text)
        weights = attention_of_heads(task, text, found) if heads else found.attention
        drawn = found.source_tokens, found.tokens, weights
        if words:
            drawn = plots.join_pieces(*drawn)
        return (plots.attention_heads if heads else plots.attention_map)(*drawn, path)
