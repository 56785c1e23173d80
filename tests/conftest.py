"""Fixtures that several rooms use."""

import gc
import os
import pathlib
import pickle
import subprocess
import sys

import pytest

from kerasseq.data.numbers import number_pairs

SETS = ("ag_news", "emoji", "multi30k", "sst2", "tatoeba_en_sv", "wnut17", "xquad")


def find_data():
    """The folder of real data sets, or None unless all are there: tests then use numbers."""
    beside = pathlib.Path(__file__).parents[2] / "shared" / "data"
    folder = pathlib.Path(os.environ.get("KERASSEQ_DATA", beside))
    return folder if all((folder / name).is_dir() for name in SETS) else None


def pytest_collection_finish():
    """Leaves what is imported out of garbage collection, which took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def pytest_terminal_summary(terminalreporter):
    """Says what was left out: a header would not be seen under `-q`."""
    if find_data() is None:
        terminalreporter.write_line(
            "No data folder (KERASSEQ_DATA): tokenizers, batches and images were tested on "
            "generated text and images, questions without XQuAD."
        )
    for report in terminalreporter.getreports("skipped"):
        terminalreporter.write_line(f"Left out: {report.nodeid}")


@pytest.fixture(scope="session")
def as_tf_serving():
    """A function from a SavedModel's path, inputs by name and an output's name to that output.

    All are answered by one process, which knows TensorFlow and its text operations alone.
    """
    command = [sys.executable, "-P", str(pathlib.Path(__file__).with_name("tf_serving.py"))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as server:

        def answer(path, inputs, output):
            pickle.dump((str(path), inputs, output), server.stdin)
            server.stdin.flush()
            answered, found = pickle.load(server.stdout)
            assert answered, found[-2000:]
            return found

        yield answer


@pytest.fixture(scope="session")
def data_folder():
    """What `find_data` finds."""
    return find_data()


@pytest.fixture(scope="session")
def number_text():
    """Pairs of English and German number words: training, validation, test."""
    return number_pairs(train=400, validation=50, test=50)
