"""Writing a figure."""

import pathlib


def save_figure(figure, path):
    """Writes a figure, and makes its folder; writes nothing for a path of None."""
    if path is not None:
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)
