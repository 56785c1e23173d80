"""Scores of labels against the right ones."""

from numbers import Real

import numpy as np

from kerasseq.metrics.checks import check_aligned, check_each

SETS = list | tuple | set | frozenset


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
        ValueError: for lists of unequal length, without a text, or of labels of several kinds.
    """
    found, expected = check_aligned(found, expected, "labels")
    kind = next((kind for kind in (str, Real, SETS) if isinstance(expected[0], kind)), str)
    what = {str: "labels of str", Real: "labels of float", SETS: "labels as lists of str"}[kind]
    for labels in (expected, found):
        check_each(labels, kind, f"{what}, of one kind on both sides")
    if kind is str:
        return {"accuracy": float(np.mean([a == b for a, b in zip(found, expected, strict=True)]))}
    if kind is Real:
        found, expected = np.array(found, float), np.array(expected, float)
        varied = np.std(found) > 0 and np.std(expected) > 0
        return {
            "mean_absolute_error": float(np.mean(np.abs(found - expected))),
            "pearson": float(np.corrcoef(found, expected)[0, 1]) if varied else 0.0,
        }
    pairs = [(set(a), set(b)) for a, b in zip(found, expected, strict=True)]
    check_each([name for pair in pairs for names in pair for name in names], str, what)
    both = sum(len(a & b) for a, b in pairs)
    every = sum(len(a) + len(b) for a, b in pairs)
    return {
        "accuracy": float(np.mean([a == b for a, b in pairs])),
        "micro_f1": 2 * both / every if every else 1.0,
    }
