"""The page on the ecosystem: its code prints what it shows, and what does not fit is said so."""

import json
import re

PAGE = "docs/ecosystem.md"
ROW = re.compile(r"^\| `([^`]+)` \| `(Expected|received|Load|Of|what|Give)([^`]+)` \|$", re.M)
ASK = """
def said(call):
    try:
        eval(call)
    except (ValueError, FileNotFoundError) as error:
        return str(error)
    return "nothing is refused"

import json
print("\\n" + json.dumps([said(call) for call in {calls!r}]))
"""


def test_the_page_prints_and_refuses_what_it_says(page, tmp_path):
    """All in one process: the rows are called with what the page's code made."""
    shown = page(PAGE)
    part = shown.text.partition("## What does not fit")[2]
    rows = [(call, first + rest) for call, first, rest in ROW.findall(part)]
    assert len(rows) == part.count("\n| `") >= 12
    code = "\n".join(shown.blocks("python")) + ASK.format(calls=[call for call, _ in rows])
    printed = shown.run(code, tmp_path)
    for output in shown.blocks("text"):
        assert output in printed
    answers = json.loads(printed.splitlines()[-1])
    for (call, sentence), answer in zip(rows, answers, strict=True):
        assert sentence in answer, call


def test_a_data_set_is_read_by_its_protocol():
    """As `datasets.Dataset` has it: rows that are mappings, columns by name, parts in a dict."""
    import pytest

    from kerasseq.data import LabelledText, ParallelText

    class Part(list):
        column_names = ("text", "label")

        def __getitem__(self, key):
            if isinstance(key, str):
                return [row[key] for row in self]
            return super().__getitem__(key)

    part = Part([{"text": "a dog", "label": 0}, {"text": "a cat", "label": 1}])
    assert list(LabelledText.from_rows(part, "text", "label")) == [("a dog", "0"), ("a cat", "1")]
    assert list(LabelledText(part["text"], part["label"]).label_names()) == ["0", "1"]
    with pytest.raises(ValueError, match=r"a dict of data sets: train, test. Give one of them"):
        ParallelText.from_pairs({"train": part, "test": part}, source="text", target="label")
    with pytest.raises(ValueError, match=r"received a Part, which is read as its keys"):
        LabelledText(part, ["0", "1"])
