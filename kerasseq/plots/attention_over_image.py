"""Attention of words to the parts of an image."""

import math

import matplotlib
import numpy as np

from kerasseq.plots.attention_map import readable
from kerasseq.plots.figure import Figure
from kerasseq.plots.fonts import settings
from kerasseq.plots.save_figure import save_figure

COLUMNS = 6


def attention_over_image(image, tokens, attention, path=None):
    """Draws the image once for each word, lit where the word looked (Xu et al. 2015).

    Each panel is scaled to its strongest cell, whose weight is written below the word.

    Args:
        image: uint8 array `(H, W, 3)`.
        tokens: list of `T` str.
        attention: float array `(T, h, w)`, weights over the cells.
        path: path of a `.png`, `.svg` or `.pdf` to write, or None.

    Returns:
        matplotlib.figure.Figure.

    Raises:
        ValueError: when the tokens do not fit the array.
    """
    if attention.ndim != 3 or len(attention) != len(tokens):
        raise ValueError(
            f"Expected attention of shape ({len(tokens)}, h, w), a grid a token; received "
            f"{attention.shape}. Pass the tokens of the same caption."
        )
    count = 1 + len(tokens)
    columns = min(COLUMNS, count)
    rows = math.ceil(count / columns)
    extent = (0, image.shape[1], image.shape[0], 0)
    with matplotlib.rc_context(settings(tokens)):
        titles = [readable(token) for token in tokens]
        wide = max(1.5, 0.08 * max(map(len, titles)) + 0.2)
        high = wide * image.shape[0] / image.shape[1]
        size = (wide * columns, (high + 0.5) * rows)
        figure = Figure(figsize=size, layout="constrained")
        panels = np.ravel(figure.subplots(rows, columns, squeeze=False))
        for panel in panels:
            panel.set_axis_off()
        panels[0].imshow(image, extent=extent)
        panels[0].set_title("image", fontsize=9, color="0.4")
        for panel, title, weights in zip(panels[1:], titles, attention, strict=False):
            panel.imshow(image, extent=extent)
            # The veil is darkest where the attention is 0.
            veil = np.zeros((*weights.shape, 4))
            veil[..., 3] = 0.85 * (1 - weights / max(weights.max(), 1e-9))
            panel.imshow(veil, extent=extent, interpolation="bilinear")
            panel.set_title(f"{title}\n{weights.max():.2f}", fontsize=9)
        save_figure(figure, path)
    return figure
