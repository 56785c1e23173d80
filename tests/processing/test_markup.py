"""Markup that goes through a translation: nothing is lost, and tags go round the right words."""

import random
import re

import numpy as np
import pytest

from kerasseq.processing.aligned_units import UNIT, between_units, unit_of_tokens
from kerasseq.processing.markup import Marked
from kerasseq.processing.translation import Translation

MARKS = (
    "<b>{}</b>", "<i>{}</i>", '<a href="x?y=1&z">{}</a>', "<br/>", "<br>", "{{0}}", "{{name}}",
    "%s", "https://example.org/a_b?c=1#d", "a.b+c@example.co.uk", "</p>", "<u></u>",
)  # fmt: skip


def translation(text, source, pairs):
    """A Translation of one token a unit, which looks at units of the source by `pairs`."""
    tokens, read = UNIT.findall(text), UNIT.findall(source)
    attention = np.zeros((len(tokens) + 1, len(read) + 1), "float32")
    for target, place in pairs:
        attention[target, place] = 1.0
    return Translation(text, 0.0, [*tokens, "</s>"], [*read, "</s>"], attention)


def put_back(marked, text, order):
    made = Marked(marked)
    return made.put_back(translation(text, made.plain, list(enumerate(order))))


@pytest.mark.parametrize(
    ("source", "text", "order", "expected"),
    [
        ("ein <b>roter</b> hut .", "a red hat .", [0, 1, 2, 3], "a <b>red</b> hat ."),
        ("<b>der hut</b> ist rot", "red is the hat", [3, 2, 0, 1], "red is <b>the hat</b>"),
        ("<p>der <b>rote <i>hut</i></b></p>", "the hat red", [0, 2, 1],
         "<p>the <b><i>hat</i> red</b></p>"),
        ("siehe {0} , bitte.", "please see, now.", [2, 0, 1, 2, 3], "please see {0}, now."),
        ("siehe https://a.de/b?c.", "see.", [0, 1], "see https://a.de/b?c."),
        ("oben<br/>unten", "above below", [0, 1], "above<br/> below"),
        ("er hat 12 hunde , 3,5 kg", "he has twelve dogs , 3.5 kg", [0, 1, 2, 3, 4, 5, 6],
         "he has 12 dogs , 3.5 kg"),
        ("am 5. mai", "in may", [0, 3], "in 5 may"),
        ("<b>a</b> <i>b</i>", "x", [0], "<b>x</b> <i></i>"),
        ("<b>a</b>", "", [], "<b></b>"),
        ("a <b>b <i>c</b> d</i>", "a b c d", [0, 1, 2, 3], "a <b>b <i>c</b> d</i>"),
        ("{0}", "", [], "{0}"),
        ("<b>{0} <i>a</i> b</b>", "a b", [0, 1], "<b>{0} <i>a</i> b</b>"),
        ("{0} a", "a", [0], "{0} a"),
        ("Hallo<br>du!", "hi you!", [0, 1, 2], "hi<br> you!"),
        ("<b>H</b>allo du", "hi you", [0, 1], "<b>hi</b> you"),
        # What stands alone is beside what stood there in the source, or apart.
        ("an (a@b.de) heute .", "to the today .", [0, 0, 3, 4], "to the a@b.de today ."),
        ("an (a@b.de) heute .", "to ( ) today .", [0, 1, 2, 3, 4], "to (a@b.de ) today ."),
        ("er „{0}“ http://a.de/x?y=1 geht", "he goes", [0, 3], "he {0} http://a.de/x?y=1 goes"),
        ("'%s' geht", "goes now", [2, 2], "%s goes now"),
        ("v{0} und {1}{2}", "v and", [0, 1], "v{0} and {1}{2}"),
        ("von {0} , er", "he of", [2, 0], "he of {0}"),
        ("<b>{0} {1}</b> a", "a", [0], "<b>{0} {1}</b> a"),
        ("ein <b>{0} </b>hund", "a dog", [0, 1], "a <b>{0}</b> dog"),
        # Numbers go over wrong ones, and over words only that look at nothing else.
        ("im grünen 924 raum", "in a green 94 room", [0, 0, 1, 2, 3], "in a green 924 room"),
        ("37 hunde", "3 7 dogs", [0, 0, 1], "37 dogs"),
        ("33 hunde", "33s dogs", [0, 1], "33 dogs"),
        ("zwei von 37", "2 of 37", [0, 1, 2], "2 of 37"),
        ("zwei von 37", "2 of them", [0, 1, 1], "2 of them 37"),
        ("um 10:30 bei 3,5", "at 1030 by 35", [0, 1, 2, 3], "at 10:30 by 3,5"),
        ("1.234,5 und 1,000", "1,234.5 and 1000", [0, 1, 2], "1,234.5 and 1000"),
        ("<b>5</b> hunde", "dogs run", [1, 1], "<b>5</b> dogs run"),
        ("ein <b>5 hunde</b>", "a dog", [0, 2], "a <b>5 dog</b>"),
        # Nothing looks at the words of a span.
        ("ein <b>halt</b> hund", "a dog", [0, 2], "a <b></b> dog"),
        # What HTML and format strings write is whole.
        ("der hund &apos;s {0}", "the &apos;s dog", [0, 2, 1], "the &apos;s dog {0}"),
        ("hallo {{ name }} , ${ab} %5.2f .", "hi , .", [0, 1, 2],
         "hi {{ name }} , ${ab} %5.2f ."),
        ('<a title="a > b">du</a> <!-- x y --> da', "you there", [0, 1],
         '<a title="a > b">you</a> <!-- x y --> there'),
        ("„www.laden.de“ ist zu", "“” is closed", [0, 1, 2, 3], "“www.laden.de” is closed"),
        ("siehe https://a.de/b_(c) dort", "see there", [0, 1], "see https://a.de/b_(c) there"),
        ("{n, plural, one {# hund} other {# hunde}} da", "there", [0],
         "{n, plural, one {# hund} other {# hunde}} there"),
        ("50 %ig, 100 % der leute", "50 %y, 100 % of people", range(9), "50 %y, 100 % of people"),
        ("a < b & c > d", "a < b & c > d", [0, 1, 2, 3, 4, 5, 6], "a < b & c > d"),
    ],
)  # fmt: skip
def test_what_is_read_out_is_put_back_at_its_words(source, text, order, expected):
    assert put_back(source, text, order) == expected


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "<!-- " * 40_000, '<a "' * 40_000, "{a, plural " * 20_000, "http://" * 30_000,
     "{{" * 100_000, "a.b-" * 50_000, "www.(" * 40_000, "%1" * 80_000, "{0}" * 60_000],
)  # fmt: skip
def test_long_lines_are_read_once_and_whole(text):
    made = Marked(text)
    assert "".join(node.before for node in made.nodes) == text.removesuffix(made.plain)
    assert made.plain in ("", text)


def marks_of(text):
    return re.findall(r"</?\w[^<>]*>|\{\w*\}|%s|https?://\S*\w|[\w.+]+@[\w.]+\w|\d+", text)


def well_nested(text):
    stack = []
    for close, name, empty in re.findall(r"<(/?)(\w)[^<>]*?(/?)>", text):
        if close and (not stack or stack.pop() != name):
            return False
        if not close and not empty:
            stack.append(name)
    return not stack


def test_nothing_is_lost_of_any_markup_with_any_attention():
    chosen = random.Random(3)
    for _ in range(1500):
        words = [chosen.choice(["ab", "c", "12", "3.5", ",", "über"]) for _ in range(6)]
        for _ in range(chosen.randrange(4)):
            first = chosen.randrange(len(words))
            last = chosen.randrange(first, len(words)) + 1
            mark = chosen.choice(MARKS)
            words[first:last] = [mark.format(" ".join(words[first:last]))] + (
                [] if "{}" in mark else words[first:last]
            )
        source = " ".join(words)
        made = Marked(source)
        text = " ".join(chosen.choice(["x", "yz", ".", "7"]) for _ in range(chosen.randrange(6)))
        tokens, read = UNIT.findall(text), UNIT.findall(made.plain)
        attention = np.random.default_rng(_).random((len(tokens) + 1, len(read) + 1))
        given = Translation(text, 0.0, [*tokens, "</s>"], [*read, "</s>"], attention)
        found = made.put_back(given)
        asked = marks_of(source)
        assert not [each for each in asked if asked.count(each) > found.count(each)], (
            source, text, found,
        )  # fmt: skip
        if "</p>" not in source and "<br>" not in source:
            assert well_nested(found), (source, found)
        words, written = iter(text.split()), Marked(found).plain.split()
        assert all(each in words for each in written if each in ("x", "yz", "."))  # in order


@pytest.mark.parametrize(
    "source",
    ["<b>" * 5000 + "a 5 c" + "</b>" * 5000, "<b>" * 5000 + "<i>a</i> 5 c" + "</b>" * 2000,
     "<b>" * 5000 + "</i>" * 5000 + "a 5 c", "<b>" * 5000 + "</b>" * 5000 + "a 5 c",
     "<b>a " * 3000 + "5" + "</b>" * 3000, "{0}" * 5000 + "a 5 c"],
)  # fmt: skip
def test_any_depth_is_put_back_whole(source):
    read = len(UNIT.findall(Marked(source).plain))
    found = put_back(source, "x 5 z", [0, read // 2, read - 1])
    for mark in ("<b>", "</b>", "<i>", "</i>", "{0}", "5"):
        assert found.count(mark) == source.count(mark)
    assert well_nested(found) == well_nested(source)


def test_tokens_of_any_kind_lie_in_the_units_of_their_text():
    text = "Two dogs' fußball, e-mail"
    units = [each.span() for each in UNIT.finditer(text)]
    pieces = ["▁two", "▁do", "gs", "'", "▁f", "<unk>", "ball", ",", "▁e", "-", "mail", "</s>"]
    assert unit_of_tokens(text, units, pieces) == [0, 1, 1, 2, 3, 3, 3, 4, 5, 5, 5, -1]
    words = ["two", "dog", "##s", "'", "fußball", ",", "e-mail", "[SEP]"]
    assert unit_of_tokens(text, units, words) == [0, 1, 1, 2, 3, 4, 5, -1]
    weights = between_units([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]], [0, 0], [0, 1, -1], 1, 2)
    np.testing.assert_allclose(weights, [[0.25, 0.625]])
    with pytest.raises(ValueError, match="with attention"):
        Marked("<b>a</b>").put_back(Translation("a", 0.0, ["a"], ["a"], None))
