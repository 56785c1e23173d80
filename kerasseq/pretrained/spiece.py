"""The `spiece.model` of a T5 as the `tokenizer.json` that transformers makes of it."""

import base64

from kerasseq.pretrained import tokenizer_parts
from kerasseq.pretrained.fields import number
from kerasseq.pretrained.renumbered import parsed
from kerasseq.pretrained.roles import CONFIG
from kerasseq.pretrained.tokenizers import read_tokenizer

FILE = "spiece.model"
MOST = 10_000  # extra ids
MARKS = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
TEXT, END = {"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "</s>"}}
OTHER = {"Sequence": {"id": "B"}}


def read_t5_tokenizer(folder):
    """A FolderTokenizer, of `tokenizer.json` or, without it, of `spiece.model`."""
    if folder.has(FILE) and not folder.has(tokenizer_parts.FILE):
        return read_tokenizer(folder, FILE, read_spiece(folder))
    return read_tokenizer(folder)


def read_spiece(folder):
    """What `tokenizer.json` would hold, a dict.

    Behind the pieces come the gaps of T5's training texts, `<extra_id_99>` to `<extra_id_0>`, as
    many as `extra_ids` of `tokenizer_config.json` says.

    Args:
        folder: Folder.

    Raises:
        FileNotFoundError: without the file.
        ValueError: for a damaged one, or a model that is cut otherwise.
    """
    path = folder.path / FILE
    proto = parsed(folder.bytes(FILE), path)
    trained, cleaned = proto.trainer_spec, proto.normalizer_spec
    spaces = cleaned.add_dummy_prefix, cleaned.remove_extra_whitespaces, cleaned.escape_whitespaces
    other = trained.byte_fallback or trained.treat_whitespace_as_suffix
    if trained.model_type != trained.UNIGRAM or other or not all(spaces):
        raise ValueError(
            f"Expected a unigram model with spaces before words in {path}; received another kind. "
            "Save the tokenizer with transformers 5, as tokenizer.json."
        )
    config = folder.json(CONFIG) if folder.has(CONFIG) else {}
    extra = number(str(folder.path / CONFIG), config, "extra_ids", int, 0, 100)
    if extra > MOST:
        raise ValueError(
            f"Expected at most {MOST} extra_ids in {folder.path / CONFIG}; received {extra}. Copy "
            "the folder again."
        )
    pieces = [[piece.piece, piece.score] for piece in proto.pieces]
    pieces += [[f"<extra_id_{i}>", 0.0] for i in reversed(range(extra))]
    Piece = type(proto).SentencePiece
    added = [
        i for i, piece in enumerate(proto.pieces)
        if piece.type in (Piece.CONTROL, Piece.UNKNOWN, Piece.USER_DEFINED)
    ]  # fmt: skip
    added += range(len(proto.pieces), len(pieces))
    charsmap = base64.b64encode(cleaned.precompiled_charsmap).decode()
    normalizer = {"type": "Precompiled", "precompiled_charsmap": charsmap}
    words = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, MARKS]}
    return {
        "model": {"type": "Unigram", "unk_id": trained.unk_id, "vocab": pieces},
        "normalizer": normalizer if charsmap else None,
        "pre_tokenizer": words,
        "decoder": MARKS,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [TEXT, END],
            "pair": [TEXT, END, OTHER, END],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [trained.eos_id]}},
        },
        "added_tokens": [{"id": i, "content": pieces[i][0]} for i in added],
    }
