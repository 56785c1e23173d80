"""The tables of the page on what is read and what is refused."""

import pathlib
import re
import warnings

import pandas
import pytest

from kerasseq.data import LabelledText, ParallelText, TaggedText, TimeSeries
from kerasseq.metrics import entities
from kerasseq.text import (
    CharacterTokenizer,
    SentencePieceTokenizer,
    WordPieceTokenizer,
    WordTokenizer,
)

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "guides" / "what_is_read.md"
ROW = re.compile(r"\| `(b?\".*?)` \| `([^`]+)` \| (?:(refused|warned): )?`([^`]+)` \|")
ROWS = [
    row.groups() for row in map(ROW.fullmatch, PAGE.read_text(encoding="utf-8").split("\n")) if row
]
KINDS = (
    CharacterTokenizer, LabelledText, ParallelText, SentencePieceTokenizer, TaggedText,
    TimeSeries, WordPieceTokenizer, WordTokenizer,
)  # fmt: skip
NAMES = {kind.__name__: kind for kind in KINDS} | {"entities": entities, "pd": pandas}


def test_every_row_of_the_page_is_run():
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    assert len(ROWS) == sum(line.startswith("| `") for line in lines) > 25


@pytest.mark.parametrize("content, call, how, said", ROWS)
def test_the_page_says_what_comes(tmp_path, content, call, how, said):
    file = tmp_path / ("file.csv" if "from_table" in call else "file")
    file.write_bytes(eval(content))

    def read():
        return list(eval(call, NAMES | {"file": file}))

    if how == "refused":
        with pytest.raises(ValueError, match=re.escape(said)):
            read()
    elif how == "warned":
        with pytest.warns(UserWarning, match=re.escape(said)):
            read()
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert repr(read()) == said
