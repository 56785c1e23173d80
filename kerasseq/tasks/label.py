"""A label, and the labels that a model's outputs for one text mean."""

import typing

KINDS = ("single_label", "multi_label", "regression")


class Label(typing.NamedTuple):
    """A label and how sure the model is.

    Attributes:
        text: str, the label.
        score: float, its probability; of a regression the value.
    """

    text: str
    score: float


def ranked(labels, row):
    """Every Label of one text, likeliest first.

    Args:
        labels: list of `L` str.
        row: float array `(L,)`.
    """
    order = sorted(range(len(labels)), key=lambda i: (-row[i], i))
    return [Label(labels[i], float(row[i])) for i in order]


def answer(labels, row, kind):
    """What is said of one text, as one Label.

    Args:
        labels: list of `L` str.
        row: float array `(L,)`.
        kind: of "single_label", the likeliest label; of "multi_label", all of at least one
            half, joined with ", ", and the highest probability; of "regression", the first.
    """
    best = ranked(labels, row)
    if kind == "multi_label":
        return Label(", ".join(each.text for each in best if each.score >= 0.5), best[0].score)
    return best[0] if kind == "single_label" else Label(labels[0], float(row[0]))
