"""Entities against the rules of the CoNLL and WNUT scorers."""

import pytest

from kerasseq.metrics import entities, entity_scores


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O B-person I-person O", [("person", 1, 2)]),
        ("B-person B-person", [("person", 0, 0), ("person", 1, 1)]),
        ("B-person I-location", [("person", 0, 0), ("location", 1, 1)]),
        ("I-person I-person O I-person", [("person", 0, 1), ("person", 3, 3)]),
        ("O O", []),
        ("S-person B-person I-person E-person", [("person", 0, 0), ("person", 1, 3)]),
        ("B-person E-person I-person", [("person", 0, 1), ("person", 2, 2)]),
        ("B-person E-person E-person", [("person", 0, 1), ("person", 2, 2)]),
        ("S-person I-person", [("person", 0, 0), ("person", 1, 1)]),
        ("I-person S-person O E-place", [("person", 0, 0), ("person", 1, 1), ("place", 3, 3)]),
        (
            "U-person B-person L-person U-place",
            [("person", 0, 0), ("person", 1, 2), ("place", 3, 3)],
        ),
        ("B I O B", [("", 0, 1), ("", 3, 3)]),
        ("B-creative-work I-creative-work", [("creative-work", 0, 1)]),
    ],
)
def test_entities_begin_and_end_as_conlleval_says(tags, expected):
    assert entities(tags.split()) == expected


@pytest.mark.parametrize("tag", ["PER", "B_person", "X-person", "o", "", "B-", "person-B", 3, None])
def test_tags_of_another_scheme_are_refused(tag):
    with pytest.raises(ValueError, match="Expected tags of BIO, BIOES or BILOU"):
        entities(["O", tag])
    with pytest.raises(ValueError, match="Expected tags of BIO, BIOES or BILOU"):
        entity_scores([["a"]], [["O"]], [[tag]])


def test_bio_and_bioes_of_the_same_entities_score_alike():
    words = [["Anna", "met", "Bob", "Ray", "Lee"]]
    bio = [["B-x", "O", "B-x", "I-x", "I-x"]]
    for scheme in ([["S-x", "O", "B-x", "I-x", "E-x"]], [["U-x", "O", "B-x", "I-x", "L-x"]]):
        scores = entity_scores(words, scheme, bio)
        assert scores["f1"] == scores["surface_f1"] == 1.0
        assert scores["by_kind"] == {"x": {"f1": 1.0, "entities": 2}}


def test_scores_by_hand():
    words = [["Anna", "saw", "Paris"], ["Anna", "met", "Bob", "Ray", "in", "Rome"]]
    right = [
        ["B-person", "O", "B-location"],
        ["B-person", "O", "B-person", "I-person", "O", "B-location"],
    ]
    ours = [["B-person", "O", "B-person"], ["B-person", "O", "B-person", "O", "O", "B-location"]]
    found = entity_scores(words, ours, right)
    # Found 5, wanted 5, right: Anna, Anna, Rome.
    assert [found[name] for name in ("precision", "recall", "f1")] == pytest.approx([3 / 5] * 3)
    # Distinct: found Anna, Paris (person), Bob, Rome; wanted Anna, Paris, Bob Ray, Rome.
    assert found["surface_f1"] == pytest.approx(2 * 2 / 8)
    assert found["by_kind"]["person"] == {"f1": pytest.approx(2 * 2 / 7), "entities": 3}
    assert found["by_kind"]["location"] == {"f1": pytest.approx(2 * 1 / 3), "entities": 2}


def test_the_edges():
    words, tags = [["a", "b"]], [["O", "O"]]
    assert entity_scores(words, tags, tags)["f1"] == 0.0
    right = [["B-x", "I-x"]]
    assert entity_scores(words, right, right)["f1"] == 1.0
    with pytest.raises(ValueError, match="2 words; received 1 "):
        entity_scores(words, [["O"]], tags)
