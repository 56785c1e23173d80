"""The backend, loaded without its log lines."""

from kerasseq.quiet import quietly


def load_backend():
    """Imports Keras and its backend. It takes seconds: what needs neither comes before."""
    with quietly():
        import keras  # noqa: F401
