"""The tokenizer of a translator's `tokenizer.json`, and the symbols that it puts around a text."""

import re

import numpy as np

from kerasseq.pretrained import inert
from kerasseq.pretrained.fields import check_fields
from kerasseq.pretrained.numbered_pieces import TranslatorTokenizers, Vocabulary, rows_of_table
from kerasseq.pretrained.renumbered import parsed
from kerasseq.pretrained.roles import CONFIG
from kerasseq.pretrained.tokenizers import read_tokenizer
from kerasseq.text import SentencePieceTokenizer
from kerasseq.text.vocabulary import END_ID, SPECIALS

READ = (
    "tokenizer_class", "added_tokens_decoder", "extra_special_tokens", "src_lang", "tgt_lang",
    "additional_special_tokens", "add_prefix_space", "errors",
)  # fmt: skip
FIXED = {
    "padding_side": ("right",),
    "truncation_side": ("right",),
    "split_special_tokens": (False,),
    "sp_model_kwargs": ({}, None),
    "do_lower_case": (False, None),
}
_TOLD = "tokenizer.json says it"
INERT = inert.TOKENIZER | {
    "offset": _TOLD,
    "unk_id": _TOLD,
    "trim_offsets": "of places in a text",
    "legacy_behaviour": _TOLD,
    "legacy": _TOLD,
    "extra_ids": _TOLD,
    "mask_token_sent": "of training by masked sentences",
    "model_input_names": "what a call gives",
    "full_tokenizer_file": "a record of where the files come from",
    "language_codes": "the vocabulary has them",
    "num_madeup_words": "config.json's vocab_size counts them",
}


def read_piece_tokenizers(request, pattern=None, found=None):
    """The TranslatorTokenizers of a `tokenizer.json`, one for both sides.

    Args:
        request: Request.
        pattern: str, a regular expression of the pieces that are languages' codes; None for a
            model of one.
        found: FolderTokenizer, of another file than `tokenizer.json`.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a damaged file, a part or a setting that is not supported, by its name, or
            a language that the vocabulary does not have.
    """
    folder = request.folder
    settings = folder.json(CONFIG) if folder.has(CONFIG) else {}
    tokens = [name for name in settings if name.endswith("_token")]
    check_fields(str(folder.path / CONFIG), settings, (*READ, *tokens), FIXED, INERT)
    found = found or read_tokenizer(folder)
    pieces = found.tokenizer.vocabulary
    codes = {piece: i for i, piece in enumerate(pieces) if pattern and re.fullmatch(pattern, piece)}
    size = rows_of_table(request, "vocab_size", int(found.order.max()) + 1, "tokenizer.json")
    vocabulary = _completed(folder, found, size, codes)
    names = {piece: i for i, piece in enumerate(pieces)}
    before, behind = ([names[piece] for piece in side] for side in found.rows[:2])
    if behind[:1] != [END_ID]:
        raise ValueError(
            f"Expected {SPECIALS[END_ID]} behind a text in tokenizer.json of {folder.path}; "
            f"received {' '.join(found.rows.behind) or 'nothing'}, which is not supported. Choose "
            "another model."
        )
    language = ()
    if codes:
        spoken, wanted = request.languages
        spoken = spoken or settings.get("src_lang")
        code = code_of(folder, "source_language", spoken, codes)
        before, behind = (
            [code if i in codes.values() else i for i in side] for side in (before, behind)
        )
        language = (code_of(folder, "target_language", wanted, codes),) if wanted else ()
    elif request.languages != (None, None):
        raise ValueError(
            f"Expected no languages for {folder.path}, whose vocabulary has no codes of them; "
            f"received {request.languages!r:.80}. Leave them out."
        )
    return TranslatorTokenizers(
        vocabulary, vocabulary, tuple(before), tuple(behind[1:]), language, codes
    )


def code_of(folder, name, language, codes):
    """The id of a language's code.

    Args:
        folder: Folder.
        name: str, the argument, for messages.
        language: str, as the vocabulary calls it.
        codes: dict from the names of languages to ids.

    Raises:
        ValueError: for another language.
    """
    if language not in tuple(codes):
        raise ValueError(
            f"Expected a {name} of {folder.path}, {', '.join(sorted(codes))}; received "
            f"{language!r:.80}. Name one of these."
        )
    return codes[language]


def _completed(folder, found, size, codes):
    """The Vocabulary with a row for each of a table's, in which codes stand in no text."""
    former = set(found.order.tolist())
    further = [i for i in range(size) if i not in former]
    tokenizer, order = found.tokenizer, np.array([*found.order, *further])
    if not further and not codes:
        return Vocabulary(tokenizer, order)
    if not isinstance(tokenizer, SentencePieceTokenizer):
        raise ValueError(
            f"Expected a token for each of the {size} rows that config.json of {folder.path} "
            f"says; received {size - len(further)}. Choose another model."
        )
    proto = parsed(tokenizer.model, folder.path)
    Piece = proto.SentencePiece
    for code in codes.values():
        proto.pieces[code].type = Piece.CONTROL
    for i in further:
        proto.pieces.add(piece=f"<row {i}>", score=0.0, type=Piece.CONTROL)
    proto.trainer_spec.vocab_size = len(proto.pieces)
    added = {token: side for token, side in tokenizer.added_tokens.items() if token not in codes}
    content = proto.SerializeToString()
    return Vocabulary(SentencePieceTokenizer(content, tokenizer.lowercase, added), order)
