"""Attention of target tokens to source tokens, as a map."""

import matplotlib

from kerasseq.plots.figure import Figure
from kerasseq.plots.fonts import settings
from kerasseq.plots.save_figure import save_figure
from kerasseq.text.word_tokenizer import JOINER


def attention_map(
    source_tokens, tokens, attention, path=None, source_name="source", target_name="translation"
):
    """Draws attention weights as a grid: source across, translation down.

    Args:
        source_tokens: list of `S` str.
        tokens: list of `T` str.
        attention: float array `(T, S)`, rows of weights.
        path: path of a `.png`, `.svg` or `.pdf` to write, or None.
        source_name: str, the title of the axis across.
        target_name: str, the title of the axis down.

    Returns:
        matplotlib.figure.Figure.

    Raises:
        ValueError: when the tokens do not fit the array.
    """
    if attention.shape != (len(tokens), len(source_tokens)):
        raise ValueError(
            f"Expected attention of shape {(len(tokens), len(source_tokens))}, a row a target "
            f"token; received {attention.shape}. Pass the tokens of the same translation."
        )
    with matplotlib.rc_context(settings([*source_tokens, *tokens])):
        width = max(3.2, 0.5 * len(source_tokens) + 1.6)
        height = max(2.4, 0.34 * len(tokens) + 1.2)
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.add_subplot()
        image = axes.imshow(attention, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(source_tokens)), map(readable, source_tokens), rotation=45)
        axes.set_yticks(range(len(tokens)), map(readable, tokens))
        axes.xaxis.tick_top()
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("left")
            label.set_rotation_mode("anchor")
        axes.tick_params(length=0)
        axes.set_xticks([x + 0.5 for x in range(len(source_tokens) - 1)], minor=True)
        axes.set_yticks([y + 0.5 for y in range(len(tokens) - 1)], minor=True)
        axes.grid(which="minor", color="white", linewidth=1)
        axes.tick_params(which="minor", length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel(source_name)
        axes.set_ylabel(target_name)
        bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.02, ticks=[0, 0.5, 1])
        bar.outline.set_visible(False)
        bar.set_label("attention weight")
        save_figure(figure, path)
    return figure


def readable(token):
    """A token as a label: the end symbol as ⟨end⟩, SentencePiece's space mark as a low bar, a mark
    of punctuation without its joiner, which few fonts have."""
    label = token.replace("▁", "_").replace(JOINER, "")
    return {"</s>": "⟨end⟩", "<unk>": "⟨unk⟩"}.get(token, label)
