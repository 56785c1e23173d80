"""Scores of answers to questions, as SQuAD computes them (Rajpurkar et al. 2016)."""

import collections
import re
import string

import numpy as np

from kerasseq.metrics.checks import check_aligned, check_each

ARTICLES = re.compile(r"\b(a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def answer_scores(found, expected):
    """Exact match and F1 of words, without case, punctuation and articles.

    Args:
        found: list of str, "" for no answer.
        expected: list of lists of str, the right answers of each question; empty for none.

    Returns:
        dict of `exact_match` and `f1`, each the mean over questions of the best over right
        answers, in `[0, 1]`.

    Raises:
        ValueError: for lists of unequal length, without a question, or for other things.
    """
    found, expected = check_aligned(found, expected, "answers")
    check_each(found, str, "answers of str")
    check_each(expected, list | tuple, "the right answers of a question as a list of str")
    check_each([right for answers in expected for right in answers], str, "right answers of str")
    pairs = [
        [(words(text), words(right)) for right in (answers or [""])]
        for text, answers in zip(found, expected, strict=True)
    ]
    return {
        "exact_match": float(np.mean([max(a == b for a, b in each) for each in pairs])),
        "f1": float(np.mean([max(f1(a, b) for a, b in each) for each in pairs])),
    }


def words(text):
    """The words of an answer that count."""
    return ARTICLES.sub(" ", text.lower().translate(PUNCTUATION)).split()


def f1(found, expected):
    """F1 of two lists of words, as bags."""
    if not found or not expected:
        return float(found == expected)
    both = sum((collections.Counter(found) & collections.Counter(expected)).values())
    return 2 * both / (len(found) + len(expected))
