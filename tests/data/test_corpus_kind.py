"""What is a corpus of a kind, and what is said of what is none."""

import re

import pytest

from kerasseq.data import LabelledText
from kerasseq.data.corpus_kind import check_kind


class Recipes:
    """A corpus of somebody's own."""


class Cakes(Recipes):
    """One that is derived from it."""


@pytest.mark.parametrize(
    ("corpus", "kind"),
    [
        (LabelledText(["a"], ["b"]), "LabelledText"),
        (Recipes(), "Recipes"),
        (Cakes(), "Recipes"),
        ([("a", "b")], None),
    ],
)
def test_a_corpus_of_the_kind_is_taken(corpus, kind):
    assert check_kind(corpus, kind) is None


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            "LabelledText",
            "Expected a kerasseq.data.LabelledText; received [1] (list). Make one of it by "
            "LabelledText.from_",
        ),
        ("Recipes", "Expected a Recipes; received [1] (list). Make one of it by Recipes."),
    ],
)
def test_another_is_refused(kind, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        check_kind([1], kind)
