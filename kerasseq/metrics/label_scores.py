"""Scores of labels against the right ones."""

import numpy as np


def label_scores(found, expected):
    """Compares labels; their type decides which scores are computed.

    Args:
        found: list of str, of lists of str, or of float, one a text.
        expected: list of the same, as long.

    Returns:
        dict. Of str: `accuracy`. Of lists: `accuracy`, the share of texts whose sets of labels
        are equal, and `micro_f1` over all labels. Of float: `mean_absolute_error` and
        `pearson`, the correlation. Shares in `[0, 1]`.

    Raises:
        ValueError: for lists of unequal length, or without a text.
    """
    if len(found) != len(expected) or not found:
        raise ValueError(
            f"Expected a label for each of at least one text; received {len(found)} labels for "
            f"{len(expected)} texts. Align the lists."
        )
    if isinstance(expected[0], str):
        return {"accuracy": float(np.mean([a == b for a, b in zip(found, expected, strict=True)]))}
    if isinstance(expected[0], float):
        found, expected = np.array(found), np.array(expected)
        varied = np.std(found) > 0 and np.std(expected) > 0
        return {
            "mean_absolute_error": float(np.mean(np.abs(found - expected))),
            "pearson": float(np.corrcoef(found, expected)[0, 1]) if varied else 0.0,
        }
    pairs = [(set(a), set(b)) for a, b in zip(found, expected, strict=True)]
    both = sum(len(a & b) for a, b in pairs)
    every = sum(len(a) + len(b) for a, b in pairs)
    return {
        "accuracy": float(np.mean([a == b for a, b in pairs])),
        "micro_f1": 2 * both / every if every else 1.0,
    }
