"""The figure that every plot of this package is."""

import io

import matplotlib.figure

DPI = 110  # of a notebook's picture


class Figure(matplotlib.figure.Figure):
    """A figure of matplotlib, which a notebook shows without pyplot."""

    def _repr_png_(self):
        """The picture, as bytes."""
        content = io.BytesIO()
        self.savefig(content, format="png", dpi=DPI, bbox_inches="tight")
        return content.getvalue()
