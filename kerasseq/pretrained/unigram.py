"""The Unigram model of a `tokenizer.json` as a SentencePiece model (Kudo 2018)."""

import re

LARGEST = 3e38  # that float32 holds
BYTE = re.compile("<0x[0-9A-F]{2}>")
BYTES = {f"<0x{byte:02X}>" for byte in range(256)}


def read_unigram(model):
    """The pieces of a model.

    Args:
        model: Part, of type Unigram.

    Returns:
        list of pairs of str and float, pieces and their scores in id order.

    Raises:
        ValueError: for a damaged list, or a field that is not supported.
    """
    fields = model.check(("vocab", "unk_id"), {"byte_fallback": [True, False]})
    entries = fields.get("vocab")
    for entry in entries if isinstance(entries, list) else [entries]:
        fine = isinstance(entry, list) and len(entry) == 2 and is_piece(entry[0])
        score = entry[1] if fine else None
        if (
            isinstance(score, bool)
            or not isinstance(score, int | float)
            or not abs(score) < LARGEST
        ):
            raise ValueError(
                f"Expected pieces with scores in vocab of {model.where}; received {entry!r:.80}. "
                "Save the tokenizer again."
            )
    return [(piece, float(score)) for piece, score in entries]


def check_unknown(model, pieces, roles):
    """Refuses an unknown token whose score SentencePiece counts otherwise.

    Both give it the lowest score of all pieces less 10, SentencePiece without the specials.
    """
    scores = dict(pieces)
    lowest = min((scores[p] for p in scores if p not in roles and not BYTE.fullmatch(p)), default=0)
    stated = model.fields.get("unk_id")
    if type(stated) is not int or not 0 <= stated < len(pieces) or pieces[stated][0] != roles[1]:
        raise ValueError(
            f"Expected unk_id at the unknown token {roles[1]!r} in {model.where}; received "
            f"{stated!r:.80}. Save the tokenizer again."
        )
    if min(scores.values()) < lowest:
        raise ValueError(
            f"Expected no special token or byte in {model.where} with a lower score than every "
            f"piece's; received {min(scores, key=scores.get)!r}. Choose another tokenizer."
        )


def is_piece(piece):
    """Whether it is text that UTF-8 can write."""
    return isinstance(piece, str) and piece != "" and not re.search("[\ud800-\udfff\0]", piece)
