"""Fixtures that several rooms use."""

import os
import pathlib

import pytest

from kerasseq.data.numbers import number_pairs


@pytest.fixture(scope="session")
def data_folder():
    """The folder of real data sets, or None where there is none: tests then use numbers."""
    beside = pathlib.Path(__file__).parents[2] / "shared" / "data"
    folder = pathlib.Path(os.environ.get("KERASSEQ_DATA", beside))
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def number_text():
    """Pairs of English and German number words: training, validation, test."""
    return number_pairs(train=400, validation=50, test=50)
