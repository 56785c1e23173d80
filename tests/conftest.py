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

# TF Serving's way on a CPU: the session loader, with XLA off.
AS_TF_SERVING = """
import ctypes, pathlib, pickle, sys, tensorflow as tf, tensorflow_text
path, inputs, output = pickle.load(sys.stdin.buffer)
library = ctypes.CDLL(str(next(pathlib.Path(tf.__file__).parent.glob("libtensorflow_cc.so*"))))
getattr(library, "_ZN10tensorflow21DisableXlaCompilationEv")()
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], path)
    signature = meta.signature_def["serving_default"]
    feed = {signature.inputs[name].name: value for name, value in inputs.items()}
    found = session.run(signature.outputs[output].name, feed)
assert not any(name.startswith("kerasseq") for name in sys.modules)
sys.stdout.buffer.write(pickle.dumps(found))
"""


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
            "generated text and images, questions without XQuAD; real labelled and tagged text "
            "was not read."
        )


@pytest.fixture(scope="session")
def as_tf_serving():
    """A function from a SavedModel's path, inputs by name and an output's name to that output.

    It runs in a process that knows TensorFlow and its text operations alone.
    """

    def answer(path, inputs, output):
        result = subprocess.run(
            [sys.executable, "-c", AS_TF_SERVING],
            input=pickle.dumps((str(path), inputs, output)),
            capture_output=True,
        )
        assert result.returncode == 0, result.stderr.decode()[-2000:]
        return pickle.loads(result.stdout)

    return answer


@pytest.fixture(scope="session")
def data_folder():
    """What `find_data` finds."""
    return find_data()


@pytest.fixture(scope="session")
def number_text():
    """Pairs of English and German number words: training, validation, test."""
    return number_pairs(train=400, validation=50, test=50)
