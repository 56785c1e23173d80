"""SentencePiece's models as messages of protocol buffers."""

from __future__ import annotations

import types


def piece_messages() -> types.ModuleType:
    """The module `sentencepiece_model_pb2` of SentencePiece.

    Raises:
        ImportError: where protobuf is older than the one that SentencePiece was built with, which
            its package does not say.
    """
    import google.protobuf

    try:
        from sentencepiece import sentencepiece_model_pb2
    except Exception as error:  # protobuf's VersionError is no ImportError
        raise ImportError(
            "Expected a protobuf that reads the messages of the installed SentencePiece; received "
            f"protobuf {google.protobuf.__version__} ({error!s:.160}). Run: pip install "
            '"protobuf>=7.36", or pip install "sentencepiece<0.2.3" where another package needs '
            "the older one."
        ) from error
    return sentencepiece_model_pb2
