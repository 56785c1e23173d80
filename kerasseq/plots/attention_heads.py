"""Attention of every head and layer, as a grid of small maps."""

import matplotlib
import numpy as np

from kerasseq.plots.attention_map import readable
from kerasseq.plots.figure import Figure
from kerasseq.plots.fonts import settings
from kerasseq.plots.save_figure import save_figure


def attention_heads(
    source_tokens, tokens, attention, path=None, source_name="source", target_name="translation"
):
    """Draws a map for each head: a row for each layer, with the mean of its heads at the end.

    With several layers, the mean of all layers is drawn beside them, as high as all rows.

    Args:
        source_tokens: list of `S` str, the tokens that receive attention.
        tokens: list of `T` str, the tokens that pay attention.
        attention: float array `(N, H, T, S)`, layers and heads.
        path: path of a `.png`, `.svg` or `.pdf` to write, or None.
        source_name: str, the title of the axes across.
        target_name: str, the title of the axes down.

    Returns:
        matplotlib.figure.Figure.

    Raises:
        ValueError: when the tokens do not fit the array.
    """
    expected = (len(tokens), len(source_tokens))
    if attention.ndim != 4 or attention.shape[2:] != expected:
        raise ValueError(
            f"Expected attention of shape (layers, heads, {expected[0]}, {expected[1]}); received "
            f"{attention.shape}. Pass the tokens of the same texts."
        )
    layers, heads = attention.shape[:2]
    whole = attention.mean(axis=(0, 1))
    attention = np.concatenate([attention, attention.mean(axis=1, keepdims=True)], axis=1)
    across = max(1.3, 0.13 * len(source_tokens) + 0.3)
    down = max(1.3, 0.13 * len(tokens) + 0.3)
    # Columns: the heads, their mean, and that of all layers, half as wide as it is high.
    columns = [1.0] * (heads + 1) + [max(1.2, layers / 2)] * (layers > 1)
    with matplotlib.rc_context(settings([*source_tokens, *tokens])):
        size = (across * sum(columns) + 1.2 + 0.7 * (layers > 1), down * layers + 1.0)
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.add_gridspec(layers, len(columns), width_ratios=columns)
        for layer in range(layers):
            for head in range(heads + 1):
                panel = figure.add_subplot(grid[layer, head])
                _draw(panel, source_tokens, tokens, attention[layer, head])
                panel.tick_params(labelleft=head == 0, labelbottom=layer == layers - 1)
                if layer == 0:
                    panel.set_title("mean" if head == heads else f"head {head + 1}", fontsize=9)
                if head == 0:
                    panel.set_ylabel(f"layer {layer + 1}", fontsize=9)
        if layers > 1:
            panel = figure.add_subplot(grid[:, -1])
            _draw(panel, source_tokens, tokens, whole)
            panel.set_title("mean of all layers", fontsize=9)
        figure.supxlabel(source_name, fontsize=9)
        figure.supylabel(target_name, fontsize=9)
        image, options = figure.axes[0].images[0], {"shrink": 0.8, "pad": 0.01, "aspect": 30}
        bar = figure.colorbar(image, ax=figure.axes, ticks=[0, 0.5, 1], **options)
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=7)
        bar.set_label("attention weight", fontsize=9)
        save_figure(figure, path)
    return figure


def _draw(panel, source_tokens, tokens, weights):
    panel.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    panel.set_yticks(range(len(tokens)), map(readable, tokens), fontsize=7)
    panel.set_xticks(
        range(len(source_tokens)), map(readable, source_tokens), fontsize=7, rotation=90
    )
    panel.tick_params(length=0)
    panel.spines[:].set_color("0.8")


def rollout(attention):
    """The share of each input in every position after all layers (Abnar and Zuidema 2020).

    The matrices of the layers are multiplied, from the lowest up. Each is half the mean of its
    heads and half the identity, for the residual connection.

    Args:
        attention: float array `(N, H, S, S)` of self-attention.

    Returns:
        float array `(S, S)`, rows sum to 1.
    """
    found = np.eye(attention.shape[-1])
    for layer in attention.mean(axis=1):
        mixed = (layer + np.eye(len(layer))) / 2
        found = mixed / mixed.sum(axis=-1, keepdims=True) @ found
    return found
