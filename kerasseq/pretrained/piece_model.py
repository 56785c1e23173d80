"""Pieces as the bytes of a SentencePiece model."""

from kerasseq.pretrained.metaspace import BLANK
from kerasseq.pretrained.renumbered import renumber
from kerasseq.pretrained.unigram import BYTES
from kerasseq.text.piece_messages import piece_messages


def write_model(where, pieces, added, roles, spacing, byte_fallback, byte_pairs):
    """A SentencePiece model of the house's ids that cuts as the pieces of a `tokenizer.json` do.

    Args:
        where: str, the file.
        pieces: list of pairs of str and float, pieces and their scores in id order.
        added: iterable of str, the added tokens in id order; those that are no pieces come
            behind the pieces.
        roles: list of str, the names of padding, unknown, start and end; None for one that there
            is not.
        spacing: Spacing.
        byte_fallback: bool, whether a character without a piece is spelled in bytes.
        byte_pairs: bool, byte-pair encoding; unigram otherwise.

    Returns:
        as of `renumber`.

    Raises:
        ValueError: for pieces that are no such model.
    """
    numbers = {piece: number for number, (piece, _) in enumerate(pieces)}
    if len(numbers) < len(pieces) or BLANK not in numbers:
        raise ValueError(
            f"Expected different pieces in {where}, {BLANK!r} among them; received "
            f"{len(pieces)}, {len(numbers)} different. Save the tokenizer again."
        )
    missing = BYTES - numbers.keys()
    if byte_fallback and missing:
        raise ValueError(
            f"Expected a piece for each byte in {where}, as its byte_fallback asks; received "
            f"none for {min(missing)}. Save the tokenizer again."
        )
    across = [
        piece for piece in numbers if byte_pairs and spacing.whole_words and BLANK in piece[1:]
    ]
    if across:
        raise ValueError(
            f"Expected no piece with {BLANK!r} inside in {where}, whose texts are cut at spaces; "
            f"received {across[0]!r:.80}. Choose another tokenizer."
        )
    further = [token for token in added if token not in numbers]
    proto = piece_messages().ModelProto()
    Piece = proto.SentencePiece
    for piece, score in [*pieces, *((token, 0.0) for token in further)]:
        kind = Piece.NORMAL
        if piece in roles:
            kind = Piece.UNKNOWN if piece == roles[1] else Piece.CONTROL
        elif byte_fallback and piece in BYTES:
            kind = Piece.BYTE
        elif piece not in numbers or (byte_pairs and piece in added):
            kind = Piece.USER_DEFINED
        elif spacing.whole_words and BLANK in piece[1:]:
            kind = Piece.UNUSED
        proto.pieces.add(piece=piece, score=score, type=kind)
    trained, cleaned = proto.trainer_spec, proto.normalizer_spec
    trained.model_type = trained.BPE if byte_pairs else trained.UNIGRAM
    trained.byte_fallback = byte_fallback
    trained.unk_surface = roles[1]
    trained.pad_id, trained.unk_id, trained.bos_id, trained.eos_id = (
        numbers.get(role, -1) for role in roles
    )
    cleaned.name = "precompiled" if spacing.charsmap else "identity"
    cleaned.precompiled_charsmap = spacing.charsmap
    cleaned.add_dummy_prefix = cleaned.escape_whitespaces = True
    cleaned.remove_extra_whitespaces = not spacing.keeps_spaces
    return renumber(proto.SerializeToString(), where)


def check_cleaned(where, model, added):
    """Refuses an added token that is looked for in cleaned text and that cleaning changes.

    Args:
        where: str, the file.
        model: bytes of the SentencePiece model.
        added: dict from each token to its AddedToken.
    """
    import sentencepiece

    cleaner = sentencepiece.SentencePieceNormalizer(
        model_proto=model,
        add_dummy_prefix=False,
        escape_whitespaces=False,
        remove_extra_whitespaces=False,
    )
    for token, how in added.items():
        if how.normalized and cleaner.normalize(token) != token:
            raise ValueError(
                f"Expected added tokens that the normalizer of {where} leaves as they are; "
                f"received {token!r:.80}. Choose another tokenizer."
            )
