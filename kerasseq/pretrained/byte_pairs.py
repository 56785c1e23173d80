"""The byte-pair encoding of a `tokenizer.json`, or of `vocab.json` and `merges.txt`."""

import itertools
import math

from kerasseq.pretrained.renumbered import parsed
from kerasseq.pretrained.roles import CONFIG
from kerasseq.pretrained.rows import OFFSETS
from kerasseq.pretrained.tokenizer_parts import part, pieces_in_order
from kerasseq.pretrained.unigram import BYTES, is_piece
from kerasseq.text.byte_pairs import last_rank

VOCABULARY, MERGES = "vocab.json", "merges.txt"
FIXED = {
    "byte_fallback": [True, False],
    "ignore_merges": [True, False],  # a piece that its merges make is found with them or without
    "fuse_unk": [True, False],
}
# Steps of merging that are taken at most to see that every piece is made, squared lengths.
MOST_STEPS = 2 * 10**8


def read_byte_pairs(model):
    """The pieces of a model and the merges that make them.

    Args:
        model: Part, of type BPE.

    Returns:
        list of str, the pieces in id order; and list of pairs of str, the first to be merged
        first.

    Raises:
        ValueError: for damaged lists, or a field that is not supported.
    """
    fields = model.check(("vocab", "merges", "unk_token"), FIXED)
    pieces = pieces_in_order(model.where.split(" of ", 1)[1], fields.get("vocab"))
    merges, known = [], set(pieces)
    entries = fields.get("merges")
    for entry in entries if isinstance(entries, list) else [entries]:
        pair = tuple(entry.split(" ")) if isinstance(entry, str) else entry
        fine = isinstance(pair, list | tuple) and len(pair) == 2
        if not fine or not all(isinstance(one, str) for one in pair) or "".join(pair) not in known:
            raise _other_merge(model, entry)
        if not known.issuperset(pair):
            raise _other_merge(model, entry)
        merges.append(tuple(pair))
    wrong = [piece for piece in pieces if not is_piece(piece)]
    if wrong or not merges or sum(len(piece) ** 2 for piece in pieces) > MOST_STEPS:
        raise ValueError(
            f"Expected pieces of a few letters and the merges that make them in {model.where}; "
            f"received {(wrong or [max(pieces, key=len)])[0]!r:.40} and {len(merges)} merges. Save "
            "the tokenizer again."
        )
    return pieces, merges


def _other_merge(model, entry):
    return ValueError(
        f"Expected merges of two pieces into a third in {model.where}; received {entry!r:.80}. "
        "Save the tokenizer again."
    )


def score_pieces(model, pieces, merges, symbols):
    """Pieces with scores by which SentencePiece merges alike, a list of pairs.

    Args:
        model: Part, of type BPE.
        pieces, merges: as `read_byte_pairs` gives them.
        symbols: set of str, the special and added tokens, which no merge makes.

    Raises:
        ValueError: for a piece that no merges make, or an unknown token that is counted
            otherwise.
    """
    fields = model.fields
    if fields.get("fuse_unk") is not True and fields.get("byte_fallback") is not True:
        raise ValueError(
            f"Expected fuse_unk or byte_fallback in {model.where}, unknown letters in a row as "
            "one; received neither, which is not supported. Choose another tokenizer."
        )
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    scored = []
    for piece in pieces:
        rank = 0 if len(piece) == 1 or piece in symbols | BYTES else last_rank(piece, ranks)
        if rank is None:
            raise ValueError(
                f"Expected every piece in {model.where} to be made by its merges; received "
                f"{piece!r:.80}, which is not supported. Choose another tokenizer."
            )
        scored.append((piece, -float(rank)))
    return scored


def is_byte_level(where, found):
    """Whether a file's texts are cut into bytes."""
    return part(where, found, "pre_tokenizer").kind == "ByteLevel"


def read_byte_level(folder, where, found):
    """Whether a byte-level tokenizer cuts a text as if a space stood before it, a bool.

    Raises:
        ValueError: for a part, or a setting of `tokenizer_config.json`, that is not supported.
    """
    normalizer = part(where, found, "normalizer")
    if normalizer.kind not in (None, "NFC"):  # a cleaned text is composed
        raise normalizer.refuse("null", "NFC")
    normalizer.check()
    decoder = part(where, found, "decoder")
    if decoder.kind != "ByteLevel":
        raise decoder.refuse("ByteLevel")
    decoder.check((), ignored=OFFSETS)
    flag = {"add_prefix_space": [True, False]}
    fields = part(where, found, "pre_tokenizer").check(
        (), flag | {"use_regex": [True]}, ["trim_offsets"]
    )
    prefix = fields.get("add_prefix_space", True)
    config = folder.json(CONFIG) if folder.has(CONFIG) else {}
    if config.get("add_prefix_space", prefix) is not prefix:
        raise ValueError(
            f"Expected 'add_prefix_space' of {folder.path / CONFIG} as {prefix}, as in "
            f"tokenizer.json; received {config['add_prefix_space']!r:.80}. Save the tokenizer "
            "again."
        )
    return prefix


def describe_merges(folder):
    """`vocab.json` and `merges.txt` as `tokenizer.json` would describe them.

    As a RobertaTokenizer, which BART's is too.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a damaged one.
    """
    config = folder.json(CONFIG) if folder.has(CONFIG) else {}
    lines = folder.text(MERGES).splitlines()
    merges = [line for line in lines if line and not line.startswith("#version")]
    numbers = folder.json(VOCABULARY)
    prefix = config.get("add_prefix_space", False)
    symbols = {"cls": "<s>", "sep": "</s>"}
    return {
        "model": {"type": "BPE", "vocab": numbers, "merges": merges},
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": prefix},
        "post_processor": {
            "type": "RobertaProcessing",
            **{role: [symbol, numbers.get(symbol)] for role, symbol in symbols.items()},
        },
        "decoder": {"type": "ByteLevel"},
        "added_tokens": [
            {"id": numbers["<mask>"], "content": "<mask>"}
        ] if "<mask>" in numbers else [],
    }  # fmt: skip


def merges_of(tokenizer):
    """The merges that make a BytePairTokenizer's tokens, the first to be merged first.

    Args:
        tokenizer: BytePairTokenizer.

    Returns:
        list of pairs of str.
    """
    proto = parsed(tokenizer.pieces.model, "a tokenizer")
    ranks = {
        token: -piece.score
        for token, piece in zip(tokenizer.vocabulary, proto.pieces, strict=True)
        if piece.type == piece.NORMAL and len(token) > 1
    }
    merges = []
    for token in sorted(ranks, key=ranks.get):
        parts = list(token)
        while len(parts) > 2:
            made = [ranks.get(a + b, math.inf) for a, b in itertools.pairwise(parts)]
            place = made.index(min(made))
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        merges.append(parts)
    return merges
