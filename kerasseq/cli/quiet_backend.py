"""The backend, loaded without its log lines."""

import os
import sys

from kerasseq.quiet import quietly

NAMES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
CLEAR = "\r\x1b[K"


def load_backend():
    """Imports Keras and its backend. It takes seconds: what needs neither comes before."""
    if "keras" in sys.modules:
        return
    waiting = sys.stderr.isatty()
    if waiting:
        name = os.environ.get("KERAS_BACKEND", "tensorflow")
        print(f"loading {NAMES.get(name, name)} …", end="", file=sys.stderr, flush=True)
    try:
        with quietly():
            import keras  # noqa: F401
    finally:
        if waiting:
            print(CLEAR, end="", file=sys.stderr, flush=True)
