"""The kinds of project: pairs, and labelled texts."""

from __future__ import annotations

import typing
import warnings
from collections.abc import Callable

from kerasseq.data.labelled_text import LabelledText
from kerasseq.data.parallel_text import ParallelText
from kerasseq.doctor import examine, examine_labels
from kerasseq.recipes.drafts import classifier_draft, translator_draft
from kerasseq.recipes.measures import measure

if typing.TYPE_CHECKING:
    from kerasseq.doctor import Finding
    from kerasseq.recipes.measures import Measures

    Rows: typing.TypeAlias = list[typing.Any]

COLUMNS = {1: ("text",), 2: ("text", "second")}  # of the files that are written, by their texts


class Kind(typing.NamedTuple):
    """What differs between a project of pairs and one of labelled texts.

    Attributes:
        corpus: function from rows to a corpus.
        sides: function from a row to its texts.
        named: function from a row to a mapping.
        measure: function from rows to Measures.
        examine: function from a corpus to what the doctor finds.
        draft: function from Measures and a path or None to a recipe.
    """

    corpus: Callable[[Rows], typing.Any]
    sides: Callable[[typing.Any], tuple[str, ...]]
    named: Callable[[typing.Any], dict[str, typing.Any]]
    measure: Callable[[Rows], Measures]
    examine: Callable[[typing.Any], list[Finding]]
    draft: Callable[[Measures, str | None], str]


def _again(make, rows):
    """A corpus of rows that were read from a file: what is odd in them was warned of then."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(rows)


def _labelled_corpus(rows):
    return _again(lambda rows: LabelledText(*zip(*rows, strict=True)), rows)


def _texts(row):
    """The texts of a labelled row."""
    return (row[0],) if isinstance(row[0], str) else row[0]


def _named(row):
    sides = _texts(row)
    return dict(zip(COLUMNS[len(sides)], sides, strict=True)) | {"label": row[1]}


def _measured(rows):
    corpus, sides = _labelled_corpus(rows), [*map(_texts, rows)]
    width = len(sides[0])
    return measure(
        sides,
        "texts" if width == 1 else "pairs of texts",
        labels=corpus.kind,
        columns=COLUMNS[width],
        names=corpus.label_names(),
    )


PAIRS = Kind(
    lambda rows: _again(ParallelText.from_pairs, rows),
    tuple,
    lambda row: dict(zip(("source", "target"), row, strict=True)),
    lambda rows: measure(rows, "pairs"),
    examine,
    translator_draft,
)
LABELLED = Kind(_labelled_corpus, _texts, _named, _measured, examine_labels, classifier_draft)
