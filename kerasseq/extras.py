"""What this package imports only where it is used, and the extra that installs it."""

from __future__ import annotations

import importlib.util
import typing


class Extra(typing.NamedTuple):
    """An extra of the package.

    Attributes:
        use: str, what it brings and for what.
        modules: tuple of str, the modules that it brings.
    """

    use: str
    modules: tuple[str, ...]


EXTRAS = {
    "bulk": Extra("Apache Beam to translate a file with", ("apache_beam",)),
    "eflomal": Extra("eflomal to align words with", ("eflomal",)),
    "grpc": Extra(
        "grpcio and tensorflow-serving-api to serve gRPC with", ("grpc", "tensorflow_serving")
    ),
    "hub": Extra("huggingface_hub to reach the hub", ("huggingface_hub",)),
    "kenlm": Extra("kenlm to read a language model of n-grams", ("kenlm",)),
    "litert": Extra("ai-edge-litert to run a .tflite file", ("ai_edge_litert",)),
    "movie": Extra("imageio-ffmpeg to write an .mp4 with", ("imageio_ffmpeg",)),
    "parquet": Extra("pyarrow to read a Parquet file", ("pyarrow",)),
    "rouge": Extra("rouge-score to compute ROUGE", ("rouge_score",)),
    "serve": Extra("FastAPI and uvicorn to serve with", ("fastapi", "uvicorn")),
    "tensorboard": Extra("tensorboard to write its logs with", ("tensorboard",)),
    "vectors": Extra("gensim to read word vectors", ("gensim",)),
    "wordpiece": Extra("tokenizers to train WordPiece", ("tokenizers",)),
}


def missing(name: str) -> ImportError:
    """The error that says an extra is not installed, and the command that installs it.

    Args:
        name: str, one of `EXTRAS`.
    """
    return ImportError(
        f"Expected {EXTRAS[name].use}; received an installation without the extra. Run pip "
        f"install 'kerasseq[{name}]'."
    )


def check_extra(name: str) -> None:
    """Refuses to go on without an extra, before anything that takes long is done for nothing.

    Args:
        name: str, one of `EXTRAS`.

    Raises:
        ImportError: where one of its modules is not there.
    """
    if any(importlib.util.find_spec(module) is None for module in EXTRAS[name].modules):
        raise missing(name)
