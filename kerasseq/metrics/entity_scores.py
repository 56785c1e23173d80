"""Scores of named entities, counted as the CoNLL and WNUT scorers do."""

import collections

from kerasseq.metrics.checks import check_aligned, check_each

# Of BIO, BIOES and BILOU: where an entity begins, and after which it has ended.
BEGINS, ENDS = "BSU", "ESLU"
PREFIXES = "BIESLU"


def entities(tags):
    """The entities of one sentence.

    Tags are BIO, BIOES or BILOU: an entity begins at `B-X`, `S-X` or `U-X`, or at another tag
    after `O` or another kind; it goes on through `I-X`, `E-X` and `L-X` of the same kind (the
    rule of conlleval), and ends with `E-X`, `L-X`, `S-X` and `U-X`.

    Args:
        tags: list of str.

    Returns:
        list of `(kind, first, last)`, positions of words, both included.

    Raises:
        ValueError: for a tag of another scheme.
    """
    if isinstance(tags, str):
        raise ValueError(
            f"Expected the tags of a sentence as a list of str; received {tags!r:.60} (str). Split "
            "it."
        )
    found, kind, first, ended = [], None, 0, False
    for position, tag in enumerate([*tags, "O"]):
        prefix, here = _parted(tag)
        if kind is not None and (ended or prefix in f"{BEGINS}O" or here != kind):
            found.append((kind, first, position - 1))
            kind = None
        if prefix != "O" and kind is None:
            kind, first = here, position
        ended = prefix in ENDS
    return found


def _parted(tag):
    """A tag's prefix and its kind; refuses what is not of the schemes."""
    prefix, hyphen, kind = tag.partition("-") if isinstance(tag, str) else ("", "", "")
    if tag != "O" and not (len(prefix) == 1 and prefix in PREFIXES and bool(hyphen) == bool(kind)):
        raise ValueError(
            "Expected tags of BIO, BIOES or BILOU, O or one of "
            f"{', '.join(f'{each}-X' for each in PREFIXES)}; received {tag!r:.60}. Rename the tags."
        )
    return prefix, kind


def entity_scores(sentences, predicted, references):
    """Precision, recall and F1 of exact entities, and of their distinct surface forms.

    An entity counts when its kind, first and last word are right (Tjong Kim Sang and De
    Meulder 2003). The surface figures count each distinct `(kind, text)` of the corpus once
    (Derczynski et al. 2017, section 4.2).

    Args:
        sentences: list of lists of str, the words.
        predicted: list of lists of str, tags as `entities` reads them.
        references: list of lists of str, the same.

    Returns:
        dict of `precision`, `recall`, `f1`, `surface_f1` (0 to 1), and `by_kind`, a dict from
        each kind to its `f1` and the number of its `entities`.

    Raises:
        ValueError: for lists of unequal length, a sentence that is not cut, or a tag of another
            scheme.
    """
    predicted, references = check_aligned(predicted, references, "sentences of tags")
    sentences, _ = check_aligned(sentences, references, "sentences")
    for rows in (sentences, predicted, references):
        check_each(rows, list | tuple, "a sentence as a list of str")
    rows = list(zip(sentences, predicted, references, strict=True))
    for words, ours, right in rows:
        if not len(words) == len(ours) == len(right):
            raise ValueError(
                f"Expected a tag for each of {len(words)} words; received {len(ours)} predicted "
                f"and {len(right)} right ones in {' '.join(map(str, words))!r:.60}. Align them."
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
