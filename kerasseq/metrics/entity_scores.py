"""Scores of named entities, counted as the CoNLL and WNUT scorers do."""

import collections


def entities(tags):
    """The entities of one sentence.

    Tags are BIO: an entity begins at `B-X`, or at an `I-X` after another kind or after `O`,
    and goes on through `I-X` of the same kind (the rule of conlleval).

    Args:
        tags: list of str.

    Returns:
        list of `(kind, first, last)`, positions of words, both included.
    """
    found, kind, first = [], None, 0
    for position, tag in enumerate([*tags, "O"]):
        prefix, _, here = tag.partition("-")
        if kind is not None and (prefix != "I" or here != kind):
            found.append((kind, first, position - 1))
            kind = None
        if prefix in ("B", "I") and kind is None:
            kind, first = here, position
    return found


def entity_scores(sentences, predicted, references):
    """Precision, recall and F1 of exact entities, and of their distinct surface forms.

    An entity counts when its kind, first and last word are right (Tjong Kim Sang and De
    Meulder 2003). The surface figures count each distinct `(kind, text)` of the corpus once
    (Derczynski et al. 2017, section 4.2).

    Args:
        sentences: list of lists of str, the words.
        predicted: list of lists of str, BIO tags.
        references: list of lists of str, BIO tags.

    Returns:
        dict of `precision`, `recall`, `f1`, `surface_f1` (0 to 1), and `by_kind`, a dict from
        each kind to its `f1` and the number of its `entities`.

    Raises:
        ValueError: for lists of unequal length.
    """
    rows = list(zip(sentences, predicted, references, strict=True))
    for words, ours, right in rows:
        if not len(words) == len(ours) == len(right):
            raise ValueError(
                f"Expected a tag for each of {len(words)} words; received {len(ours)} predicted "
                f"and {len(right)} right ones in {' '.join(words)!r:.60}."
            )
    found, wanted, both = (collections.Counter() for _ in range(3))
    surfaces = set(), set()
    for words, ours, right in rows:
        ours, right = set(entities(ours)), set(entities(right))
        for counter, group in ((found, ours), (wanted, right), (both, ours & right)):
            counter.update(kind for kind, _, _ in group)
        for surface, group in zip(surfaces, (ours, right), strict=True):
            surface |= {(kind, *words[first : last + 1]) for kind, first, last in group}
    common = len(surfaces[0] & surfaces[1])
    return {
        "precision": both.total() / max(found.total(), 1),
        "recall": both.total() / max(wanted.total(), 1),
        "f1": f1(both.total(), found.total(), wanted.total()),
        "surface_f1": f1(common, len(surfaces[0]), len(surfaces[1])),
        "by_kind": {
            kind: {"f1": f1(both[kind], found[kind], wanted[kind]), "entities": wanted[kind]}
            for kind in sorted(wanted | found)
        },
    }


def f1(both, found, wanted):
    """The harmonic mean of precision and recall, from counts; 0 where nothing is right."""
    return 2 * both / (found + wanted) if found + wanted else 0.0
