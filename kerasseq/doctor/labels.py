"""What is wrong with labelled texts to train on and to validate with."""

from __future__ import annotations

import typing
from collections import Counter, defaultdict
from collections.abc import Iterable

from kerasseq.doctor.finding import Finding

FEWEST = 100  # texts; of fewer a share says nothing
# Greater shares are told.
EMPTY, REPEATED, CONTRADICTING, OVERLAPPING = 0.01, 0.1, 0.02, 0.01
MOST_OF_ONE = 0.95
FEW = 3  # texts of a label, from which nothing is learned


def examine_labels(
    train: Iterable[tuple[typing.Any, typing.Any]],
    validation: Iterable[tuple[typing.Any, typing.Any]] | None = None,
) -> list[Finding]:
    """Finds what is wrong with labelled texts to train on, and to validate with.

    Each is read once. Fewer than 100 texts say nothing.

    Args:
        train: LabelledText, or another iterable of `(text, label)`, cleaned: a text is a str or a
            pair of str; a label a str, a list of str, or a float.
        validation: the same, or None.

    Returns:
        list of Finding, at most one of each kind for each part; empty where nothing is wrong.
    """
    rows = [(_key(text), label) for text, label in train]
    if len(rows) < FEWEST:
        return []
    texts, names = Counter(text for text, _ in rows), Counter(_names(rows))
    found = _check_texts(rows, texts) + _check_names(names, len(rows))
    if validation is not None:
        found += _check_validation(texts, names, [(_key(text), each) for text, each in validation])
    return found


def _check_texts(rows, texts):
    """What is counted of texts: empty ones, repeated ones, and those with two labels."""
    labels = defaultdict(set)
    for text, label in rows:
        labels[text].add(str(label))
    empty = sum(not any(text) for text, _ in rows)
    repeated = len(rows) - len(texts)
    several = sum(count for text, count in texts.items() if len(labels[text]) > 1 and any(text))
    shares = [
        (
            "empty texts", empty, EMPTY, "something to read in each text",
            "that are empty. Drop them, or check the columns.",
        ),
        (
            "repetitions", repeated, REPEATED, "different texts",
            "that stood there before, and are learned as often. Leave them out, unless they "
            "should weigh more.",
        ),
        (
            "contradictions", several, CONTRADICTING, "one label for a text",
            "that stand there with different labels. Choose one label for each.",
        ),
    ]  # fmt: skip
    return [
        Finding(name, f"Expected {expected}; received {_share(some, len(rows))} texts {received}")
        for name, some, most, expected, received in shares
        if some / len(rows) > most
    ]


def _check_names(names, count):
    """What is counted of the labels' names: one that nearly all texts have, and rare ones."""
    if not names:
        return []  # values
    found = []
    most, times = names.most_common(1)[0]
    if times / count > MOST_OF_ONE:
        found.append(
            Finding(
                "one label",
                f"Expected several labels to tell apart; received {most!r:.40} for "
                f"{_share(times, count)} texts. Add texts of the others, or measure F1 in place of "
                "accuracy.",
            )
        )
    rare = sorted(name for name, times in names.items() if times < FEW)
    if rare:
        found.append(
            Finding(
                "rare labels",
                f"Expected at least {FEW} texts of each label; received fewer of {len(rare)} of "
                f"{len(names)} labels, {rare[0]!r:.40} among them. Add texts, or join labels.",
            )
        )
    return found


def _check_validation(texts, names, rows):
    """What is wrong with validation texts beside those of training."""
    if len(rows) < FEWEST:
        return []
    found = []
    both = sum(text in texts for text, _ in rows)
    if both / len(rows) > OVERLAPPING:
        found.append(
            Finding(
                "overlap",
                f"Expected validation texts that are not learned; received "
                f"{_share(both, len(rows))} that stand in the training text. Split again with "
                "disjoint=True.",
            )
        )
    unseen = sorted(set(_names(rows)) - set(names))
    if unseen:
        found.append(
            Finding(
                "unseen labels",
                f"Expected validation labels that are learned; received {unseen[0]!r:.40}"
                f"{f' and {len(unseen) - 1} others' if len(unseen) > 1 else ''}, which no training "
                "text has. Split again, so that each part has every label.",
            )
        )
    return found


def _key(text):
    """A text as it is compared: its sides in lower case."""
    sides = (text,) if isinstance(text, str) else text
    return tuple(side.lower() for side in sides)


def _names(rows):
    """The names in all labels; none of values."""
    for _, label in rows:
        if isinstance(label, str):
            yield label
        elif isinstance(label, list):
            yield from label


def _share(some, of):
    return f"{some:,} of {of:,} ({some / of:.1%})"
