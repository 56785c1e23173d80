"""A SentencePiece model with the four specials first, whatever their ids were."""

import numpy as np

from kerasseq.text.piece_messages import piece_messages
from kerasseq.text.vocabulary import END_ID, PAD_ID, SPECIALS, START_ID, UNK_ID

NEW = -1  # in an order: a special that the model did not have
# The logit of a symbol that a model does not have: its probability is 0 in float32, and float16
# holds it.
VANISHED = -1e4


def renumber(model, where):
    """Moves padding, unknown, start and end to the front; the other pieces keep their order.

    Args:
        model: bytes of a SentencePiece model with an unknown piece and an end symbol.
        where: str, the file, for messages.

    Returns:
        bytes of a model that `SentencePieceTokenizer` takes and that cuts every text alike; and
        an int array `(V,)`, the former id of each piece, -1 for a special that is new.

    Raises:
        ValueError: for other bytes, a model without an end symbol, or pieces that are called as
            the specials are.
    """
    proto = parsed(model, where)
    pieces, trained = list(proto.pieces), proto.trainer_spec
    former = [trained.pad_id, trained.unk_id, trained.bos_id, trained.eos_id]
    Piece = type(proto).SentencePiece
    unknown = [i for i, piece in enumerate(pieces) if piece.type == Piece.UNKNOWN]
    if unknown != [trained.unk_id] or not 0 <= trained.eos_id < len(pieces):
        raise ValueError(
            f"Expected an unknown piece and an end symbol in {where}; received unk_id "
            f"{trained.unk_id} and eos_id {trained.eos_id} of {len(pieces)} pieces. Choose another "
            "model."
        )
    specials = [i if 0 <= i < len(pieces) else NEW for i in former]
    rest = [i for i in range(len(pieces)) if i not in set(specials)]
    taken = [pieces[i].piece for i in rest if pieces[i].piece in SPECIALS]
    if taken or len(set(specials) - {NEW}) != sum(i != NEW for i in specials):
        raise ValueError(
            f"Expected pieces of {where} apart from {' '.join(SPECIALS)}; received "
            f"{taken[0] if taken else former!r} twice. Choose another model."
        )
    order = np.array(specials + rest)
    del proto.pieces[:]
    for name, kind in zip(
        SPECIALS, (Piece.CONTROL, Piece.UNKNOWN, *[Piece.CONTROL] * 2), strict=True
    ):
        proto.pieces.add(piece=name, score=0.0, type=kind)
    proto.pieces.extend(pieces[i] for i in rest)
    settle(proto)
    return proto.SerializeToString(), order


def parsed(model, where):
    """The message in the bytes of a SentencePiece model.

    Raises:
        ValueError: for other bytes.
    """
    from google.protobuf.message import DecodeError

    proto = piece_messages().ModelProto()
    try:
        proto.ParseFromString(model)
    except DecodeError as error:
        raise ValueError(
            f"Expected a SentencePiece model at {where}; received something else "
            f"({len(model)} bytes). Copy the file again."
        ) from error
    return proto


def settle(proto):
    """Tells a SentencePiece model that begins with the house's symbols where they stand."""
    trained = proto.trainer_spec
    trained.pad_id, trained.unk_id, trained.bos_id, trained.eos_id = (
        PAD_ID,
        UNK_ID,
        START_ID,
        END_ID,
    )
    trained.pad_piece, trained.unk_piece, trained.bos_piece, trained.eos_piece = SPECIALS
    trained.vocab_size = len(proto.pieces)


def rows(former, order, start, copies=0):
    """Rows by former ids to rows by the house's.

    Args:
        former: array `(N, …)`.
        order: int array `(V,)`, the former id of each piece, -1 for one that is new.
        start: the row of a start symbol that is new.
        copies: int, how many of the last pieces a model never writes; of one-dimensional rows,
            logits, they get `VANISHED`.
    """
    found = former[np.maximum(order, 0)]
    if order[START_ID] == NEW:
        found[START_ID] = start
    if copies and found.ndim == 1:
        found[-copies:] = VANISHED
    return found


def with_further(model, names):
    """A SentencePiece model with further pieces, which stand in no text and write nothing.

    Args:
        model: bytes of a SentencePiece model.
        names: list of str, none of which is a piece.

    Returns:
        bytes.
    """
    proto = parsed(model, "a tokenizer")
    for name in names:
        proto.pieces.add(piece=name, score=0.0, type=proto.SentencePiece.CONTROL)
    proto.trainer_spec.vocab_size = len(proto.pieces)
    return proto.SerializeToString()


def with_roles(model, pad, start, end):
    """A SentencePiece model whose settings name the pieces of its roles, where they did not.

    Args:
        model: bytes; other bytes than a model's are returned as they are.
        pad, start, end: str, the names of pieces; None for a role that the model does not have.

    Returns:
        bytes.
    """
    try:
        proto = parsed(model, "a tokenizer")
    except ValueError:
        return model  # refused where it is read
    numbers = {piece.piece: number for number, piece in enumerate(proto.pieces)}
    trained = proto.trainer_spec
    trained.pad_id, trained.bos_id, trained.eos_id = (
        numbers.get(name, -1) for name in (pad, start, end)
    )
    unknown = [i for i, piece in enumerate(proto.pieces) if piece.type == piece.UNKNOWN]
    trained.unk_id = unknown[0] if unknown else -1
    return proto.SerializeToString()
