"""A trained SentencePiece model, opened."""

from __future__ import annotations

import sentencepiece

from kerasseq.text.vocabulary import END_ID, PAD_ID, START_ID, UNK_ID


def open_model(model: bytes) -> sentencepiece.SentencePieceProcessor:
    """SentencePiece's processor of the content of a `.model` file.

    Raises:
        ValueError: when the bytes are no such model, or its pad, unk, bos and eos ids are not
            0, 1, 2 and 3.
    """
    try:
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    except RuntimeError as error:
        raise ValueError(
            "Expected the bytes of a SentencePiece model; received something else "
            f"({len(model)} bytes). Name a file that SentencePiece wrote."
        ) from error
    roles = ("pad", "unk", "bos", "eos")
    special = tuple(getattr(processor, f"{role}_id")() for role in roles)
    if special != (PAD_ID, UNK_ID, START_ID, END_ID):
        raise ValueError(
            f"Expected the pad, unk, bos and eos ids 0, 1, 2, 3; received {special}. Train the "
            "model with SentencePieceTokenizer.train."
        )
    return processor


def cut_with_ends(
    processor: sentencepiece.SentencePieceProcessor, text: str
) -> tuple[list[int], list[int]]:
    """The ids of a text's pieces, and where each ends in its UTF-8, in bytes."""
    from sentencepiece import sentencepiece_pb2

    found = sentencepiece_pb2.SentencePieceText()
    found.ParseFromString(processor.encode(text, out_type="serialized_proto"))
    return [piece.id for piece in found.pieces], [piece.end for piece in found.pieces]
