"""The files of a translator's tokenizer in Hugging Face's layout, as the readers beside read them.

Unigram models and byte-pair encoding over bytes become a `tokenizer.json`; Marian's layout keeps
SentencePiece models of every kind.
"""

import base64

from kerasseq.pretrained.byte_pairs import merges_of
from kerasseq.pretrained.metaspace import BLANK, RUNS
from kerasseq.pretrained.renumbered import parsed
from kerasseq.pretrained.spiece import MARKS
from kerasseq.text import BytePairTokenizer, SentencePieceTokenizer
from kerasseq.text.vocabulary import END_ID, SPECIALS, UNK_ID

ROLES = dict(zip(("pad_token", "unk_token", "bos_token", "eos_token"), SPECIALS, strict=True))
BYTES = {"type": "ByteLevel", "trim_offsets": True, "use_regex": True}


def marian_files(source, target, apart, max_length):
    """`source.spm`, `target.spm`, `vocab.json`, of two vocabularies `target_vocab.json` too.

    Args:
        source, target: SentencePieceTokenizer.
        apart: bool, the sides have embeddings of their own.
        max_length: int, the most tokens that are read of a text.

    Returns:
        dict from names of files to bytes, or to what their JSON holds.

    Raises:
        ValueError: for another tokenizer, or one that cuts what SentencePiece alone would not.
    """
    sides = {"source": source, "target": target}
    for name, tokenizer in sides.items():
        _check_kind(name, tokenizer, SentencePieceTokenizer)
        _check(name, "lowercase", tokenizer.lowercase, False)
        _check(name, "added_tokens", tokenizer.added_tokens, {})
    numbers = [{piece: i for i, piece in enumerate(each.vocabulary)} for each in sides.values()]
    if not apart and numbers[0] != numbers[1]:
        raise ValueError(
            "Expected one vocabulary of both sides, as of the model's embeddings, to write in "
            f"Hugging Face's layout; received two of {len(numbers[0])} and {len(numbers[1])} "
            "pieces. Save the translator, or export it."
        )
    config = {name: token for name, token in ROLES.items() if name != "bos_token"} | {
        "tokenizer_class": "MarianTokenizer",
        "separate_vocabs": apart,
        "model_max_length": max_length,
    }
    files = {f"{name}.spm": each.model for name, each in sides.items()}
    files |= {"tokenizer_config.json": config, "vocab.json": numbers[0]}
    return files | ({"target_vocab.json": numbers[1]} if apart else {})


def piece_files(tokenizer, before, behind, max_length, kept):
    """`tokenizer.json` and `tokenizer_config.json`.

    Args:
        tokenizer: SentencePieceTokenizer of a unigram model, or BytePairTokenizer.
        before, behind: sequences of int, the ids before a text, and behind its end symbol.
        max_length: int, the most tokens that are read of a text.
        kept: int array `(K,)`, the ids that the model has, in order; the others' pieces stand in
            no text.

    Returns:
        as of `marian_files`.

    Raises:
        ValueError: for another tokenizer, or one that `tokenizers` would not cut alike.
    """
    numbers = {tokenizer.vocabulary[i]: place for place, i in enumerate(kept)}
    if isinstance(tokenizer, BytePairTokenizer):
        flag = {"add_prefix_space": tokenizer.prefix_space}
        parts = {
            "normalizer": None,
            "pre_tokenizer": BYTES | flag,
            "decoder": BYTES | flag,
            "model": {
                "type": "BPE",
                "unk_token": None,
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "",
                "fuse_unk": False,
                "vocab": numbers,
                "merges": merges_of(tokenizer),
            },
        }
        never = SPECIALS
    else:
        _check_kind("source", tokenizer, SentencePieceTokenizer, BytePairTokenizer)
        parts, never = _unigram(tokenizer, kept)
    symbols = [tokenizer.vocabulary[i] for i in (*before, END_ID, *behind)]
    row = [{"SpecialToken": {"id": name, "type_id": 0}} for name in symbols]
    texts = [[{"Sequence": {"id": name, "type_id": 0}}] for name in ("A", "B")]
    first = len(before)
    whole = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added(tokenizer, never, numbers),
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [*row[:first], *texts[0], *row[first:]],
            "pair": [*row[:first], *texts[0], *texts[1], *row[first:]],
            "special_tokens": {
                name: {"id": name, "ids": [numbers[name]], "tokens": [name]} for name in symbols
            },
        },
    } | parts
    config = {role: token for role, token in ROLES.items() if token in numbers} | {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": max_length,
    }
    return {"tokenizer.json": whole, "tokenizer_config.json": config}


def _unigram(tokenizer, kept):
    """The parts of `tokenizer.json` of a unigram model, and its pieces that stand in no text."""
    proto = parsed(tokenizer.model, "a tokenizer")
    trained, cleaned = proto.trainer_spec, proto.normalizer_spec
    kinds = {trained.UNIGRAM: "unigram", trained.BPE: "bpe"}
    for name, value, allowed in (
        ("model_type", kinds.get(trained.model_type, "another"), "unigram"),
        ("byte_fallback", trained.byte_fallback, False),
        ("treat_whitespace_as_suffix", trained.treat_whitespace_as_suffix, False),
        ("keep_whitespace", tokenizer.keep_whitespace, False),
        ("lowercase", tokenizer.lowercase, False),
        ("remove_extra_whitespaces", cleaned.remove_extra_whitespaces, True),
        ("add_dummy_prefix", cleaned.add_dummy_prefix, True),
    ):
        _check("source", name, value, allowed)
    Piece, never = type(proto).SentencePiece, []
    for piece in proto.pieces:
        added = piece.piece in tokenizer.added_tokens
        if piece.type in (Piece.CONTROL, Piece.UNKNOWN):
            never.append(piece.piece)
        elif not added and (piece.type != Piece.NORMAL or BLANK in piece.piece[1:]):
            _check("source", "pieces", piece.piece, "words' parts")
    charsmap = base64.b64encode(cleaned.precompiled_charsmap).decode()
    table = {"type": "Precompiled", "precompiled_charsmap": charsmap}
    runs = {"type": "Replace", "pattern": RUNS, "content": " "}
    sides = {*tokenizer.added_tokens.values()} <= {"both"}
    split = [{"type": "WhitespaceSplit"}] if sides else []
    return {
        "normalizer": {"type": "Sequence", "normalizers": [*[table] * bool(charsmap), runs]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [*split, MARKS]},
        "decoder": MARKS,
        "model": {
            "type": "Unigram",
            "unk_id": kept.tolist().index(UNK_ID),
            "vocab": [[proto.pieces[i].piece, proto.pieces[i].score] for i in kept],
            "byte_fallback": False,
        },
    }, never


def _added(tokenizer, never, numbers):
    """`added_tokens`: the symbols, and what is one token wherever it stands."""
    sides = {token: None for token in never if token in numbers} | tokenizer.added_tokens
    return [
        {
            "id": numbers[token],
            "content": token,
            "single_word": False,
            "lstrip": side in ("left", "both"),
            "rstrip": side in ("right", "both"),
            "normalized": False,
            "special": token not in tokenizer.added_tokens,
        }
        for token, side in sorted(sides.items(), key=lambda item: numbers[item[0]])
    ]


def _check_kind(name, tokenizer, *kinds):
    if type(tokenizer) not in kinds:
        raise ValueError(
            f"Expected a {' or '.join(kind.__name__ for kind in kinds)} as {name} to write in "
            f"Hugging Face's layout; received a {type(tokenizer).__name__}. Save the translator, "
            "or export it."
        )


def _check(name, field, value, allowed):
    if value != allowed:
        raise ValueError(
            f"Expected {field} of {allowed!r} of the tokenizer {name} to write in this layout; "
            f"received {value!r:.80}. Save the translator, or export it."
        )
