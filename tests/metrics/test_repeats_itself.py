"""What counts as a line that repeats itself."""

import pytest

from kerasseq.metrics import repeats_itself, share_repeating


@pytest.mark.parametrize(
    "text",
    [
        "the the the",
        "he sees of the of the of the end",
        "a man in a blue shirt a man in a blue shirt .",
        "你好你好你好。",
        "einundeinundeinund",
        "so so  so\tso",
        " ".join(["word"] * 20_000),
        "a woman with an eggggggggg",
        "he said " + "lala" * 8,
    ],
)
def test_a_line_that_repeats_itself(text):
    assert repeats_itself(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "the", "the the", "no, no, it is not", "in a red shirt in a blue shirt", "1000000",
     "1000000 . . . and 1 1 1", "good morning, good morning",
     "goooool by them", "w" + "-" * 40 + " a", "hahaha, she said",
     "zweihundertzweiundzwanzigtausendzweihundert",
     " ".join(map(str, range(3000)))],
)  # fmt: skip
def test_a_line_that_does_not(text):
    assert not repeats_itself(text)


def test_the_share_of_lines():
    assert share_repeating(["a a a", "a b", "b"] * 2) == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="received none"):
        share_repeating([])
