"""What training asks of a processor, in processes of their own."""

import subprocess
import sys

import pytest

CODE = """
import numpy as np, os, resource
from kerasseq import machine
{before}
machine.for_training()
print(machine.settings())

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def work():
    for _ in range(5):
        [np.ones(2_000_000, "uint8") for _ in range(40)]

work()
before = faults()
work()
print(faults() - before < 1000)
"""


@pytest.mark.parametrize(
    ("before", "onednn", "kept"),
    [
        ("", "1", "1"),
        ("os.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'", "0", "1"),
        ("os.environ['KERASSEQ_KEEP_PAGES'] = '0'", "1", "0"),
    ],
)
def test_training_uses_the_processor_but_as_the_environment_says(before, onednn, kept):
    clear = "[os.environ.pop(name, None) for name in machine.settings()]\n"
    command = [sys.executable, "-c", CODE.format(before=clear + before)]
    printed = subprocess.check_output(command, text=True).splitlines()
    expected = {"TF_ENABLE_ONEDNN_OPTS": onednn, "KERASSEQ_KEEP_PAGES": kept}
    assert printed == [str(expected), str(kept == "1")]
