"""Fixtures that several rooms use."""

import os
import pathlib

import pytest

from kerasseq.data.numbers import number_pairs


def find_data():
    """The folder of real data sets, or None where there is none: tests then use numbers."""
    beside = pathlib.Path(__file__).parents[2] / "shared" / "data"
    folder = pathlib.Path(os.environ.get("KERASSEQ_DATA", beside))
    return folder if folder.is_dir() else None


def pytest_terminal_summary(terminalreporter):
    """Says what was left out: a header would not be seen under `-q`."""
    if find_data() is None:
        terminalreporter.write_line(
            "No data folder (KERASSEQ_DATA): tokenizers, batches and pictures were tested on "
            "generated text and pictures, questions without XQuAD; real labelled and tagged text "
            "was not read."
        )


@pytest.fixture(scope="session")
def data_folder():
    """What `find_data` finds."""
    return find_data()


@pytest.fixture(scope="session")
def number_text():
    """Pairs of English and German number words: training, validation, test."""
    return number_pairs(train=400, validation=50, test=50)
