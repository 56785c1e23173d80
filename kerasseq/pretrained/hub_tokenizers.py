"""KerasHub's tokenizers as this package's, which an export holds, and the former id of each piece.

KerasHub's own cannot be exported (keras-hub#2015).
"""

import typing

import numpy as np

from kerasseq.pretrained.hub_preset import Described, plain_config
from kerasseq.pretrained.renumbered import NEW, renumber, with_further, with_roles
from kerasseq.text import BytePairTokenizer, SentencePieceTokenizer, WordPieceTokenizer
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.vocabulary import END_ID, PAD_ID, SPECIALS, START_ID
from kerasseq.untrusted import parse_json

WORDPIECES = ("BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer")
WHOLE_TEXT = {"sequence_length": [None]}
WORDPIECE = {
    "special_tokens_in_strings": [False],
    "vocabulary": [None],
    "split": [True],
    "suffix_indicator": ["##"],
    "oov_token": ["[UNK]"],
    "special_tokens": [None, []],
}
SENTENCEPIECE = {"proto": [None], "add_bos": [False], "add_eos": [False]}


class HubTokenizer(typing.NamedTuple):
    """A tokenizer, and where its ids come from.

    Attributes:
        tokenizer: Tokenizer.
        rows: int array `(V,)`, the former id whose row of the embeddings each id takes; None
            where the ids are the same.
        new: list of int, ids that the model did not have.
    """

    tokenizer: Tokenizer
    rows: np.ndarray | None = None
    new: list | tuple = ()


class Pieces(typing.NamedTuple):
    """How a family uses its SentencePiece model.

    Attributes:
        pad, start, end: str, the names of pieces; None for one that the model does not have.
        row: dict, as of `Tokenizer.with_row`, without the mask; None for a family that writes.
        mask: str, the mask's name.
        first: tuple of int, the family's ids of padding, unknown, start and end, where they are
            not the pieces'; every other piece is then one id behind its own.
    """

    pad: str | None
    start: str | None
    end: str
    row: dict | None = None
    mask: str | None = None
    first: tuple[int, ...] | None = None


START, END = SPECIALS[START_ID], SPECIALS[END_ID]  # what the pieces are called when renumbered
BERT = {"lead": [START], "separator": [END], "close": [END]}
ROBERTA = BERT | {"separator": [END, END]}
PIECES = {
    "T5Tokenizer": Pieces("<pad>", None, "</s>"),
    "AlbertTokenizer": Pieces("<pad>", "[CLS]", "[SEP]", BERT, "[MASK]"),
    "DebertaV3Tokenizer": Pieces("[PAD]", "[CLS]", "[SEP]", BERT, "[MASK]"),
    "XLMRobertaTokenizer": Pieces(None, "<s>", "</s>", ROBERTA, "<mask>", (1, 3, 0, 2)),
}
# By class: the row, as of `Pieces`, and the mask. Padding, start and end are SPECIALS.
BYTE_PAIRS = {"BartTokenizer": (None, None), "RobertaTokenizer": (ROBERTA, "<mask>")}


def read_hub_tokenizer(found, size):
    """The HubTokenizer of one of KerasHub's tokenizers.

    Args:
        found: Described.
        size: int, rows of the embeddings.

    Raises:
        ValueError: for another tokenizer, a setting that is not supported, a damaged file, or
            more tokens than rows.
    """
    if found.name in WORDPIECES:
        return _read_wordpiece(found)
    if found.name in BYTE_PAIRS:
        return _read_byte_pairs(found, size, *BYTE_PAIRS[found.name])
    return _read_sentencepiece(found, size, PIECES[found.name])


def _read_wordpiece(found):
    config = plain_config(found, ("lowercase", "strip_accents"), WHOLE_TEXT | WORDPIECE)
    try:
        text = _file(found, "vocabulary.txt").decode("utf-8")
        pieces = [line.rstrip() for line in text.split("\n")]  # as KerasHub reads them
        tokenizer = WordPieceTokenizer(pieces[:-1] if pieces[-1] == "" else pieces, **config)
    except ValueError as error:
        raise ValueError(f"{error} The tokenizer is that of {found.where}.") from error
    return HubTokenizer(tokenizer)


def _read_sentencepiece(found, size, family):
    """The ids are this package's; rows of the embeddings beyond the pieces, as of a mask or of
    T5's sentinels, get pieces of their own, which no text has."""
    plain_config(found, (), WHOLE_TEXT | SENTENCEPIECE)
    content = with_roles(_file(found, "vocabulary.spm"), family.pad, family.start, family.end)
    model, order = renumber(content, found.where)
    for role, place in (("pad", PAD_ID), ("start", START_ID)):
        if (order[place] == NEW) != (getattr(family, role) is None):
            raise ValueError(
                f"Expected the pieces of a {found.name} in {found.where}, {role} "
                f"{getattr(family, role)!r}; received others. Choose another model."
            )
    rows, new = order, []
    if family.first:
        rows = order + 1
        rows[: len(family.first)] = family.first
    elif order[START_ID] == NEW:  # a target begins with padding
        rows, new = order.copy(), [START_ID]
        rows[START_ID] = rows[PAD_ID]
    further = np.arange(rows.max() + 1, size)
    if rows.max() >= size:
        raise ValueError(
            f"Expected at most {size} tokens in {found.where}, one an embedding; received "
            f"{rows.max() + 1}. Choose the tokenizer of this model."
        )
    names = [f"<row {number}>" for number in further]
    known = SentencePieceTokenizer(model).vocabulary
    if family.mask not in (None, *known) and names:  # KerasHub puts it behind the pieces
        names[0] = family.mask
    tokenizer = SentencePieceTokenizer(with_further(model, names))
    if family.row is not None:
        mask = [family.mask] if family.mask in tokenizer.vocabulary else []
        tokenizer = tokenizer.with_row(**family.row, mask=mask)
    return HubTokenizer(tokenizer, np.concatenate([rows, further]), new)


def _read_byte_pairs(found, size, row, mask):
    """Special tokens that stand in a text are text, which KerasHub reads as the symbols."""
    config = plain_config(
        found, ("unsplittable_tokens",), WHOLE_TEXT | {"add_prefix_space": [False]}
    )
    kept = set(config.get("unsplittable_tokens") or ()) - {*SPECIALS, mask}
    try:
        vocabulary = parse_json(_file(found, "vocabulary.json"), found.where)
        numbers = {number: token for token, number in vocabulary.items() if type(number) is int}
        lines = _file(found, "merges.txt").decode("utf-8").split("\n")
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ValueError(
            f"Expected tokens with their ids, and merges, in {found.where}; received something "
            f"else ({error!s:.80}). Save the model again."
        ) from error
    fits = len(numbers) == len(vocabulary) and set(numbers) <= set(range(size))
    if not fits or kept or not vocabulary.keys() >= set(SPECIALS):
        raise ValueError(
            f"Expected the tokens {', '.join(SPECIALS)} and others in {found.where}, ids of their "
            f"own below {size}, and none that a text is not split at; received "
            f"{len(vocabulary)} tokens, {len(numbers)} ids up to {max(numbers, default=0)}, and "
            f"{sorted(kept)!r:.80}. Choose the tokenizer of this model."
        )
    first = [vocabulary[token] for token in SPECIALS]
    rows = first + [number for number in range(size) if number not in first]
    tokens = [numbers.get(number, f"<row {number}>") for number in rows]
    merges = [tuple(line.rstrip().split(" ")) for line in lines if line.strip()]
    merges = [pair for pair in merges if not pair[0].startswith("#version")]
    try:
        tokenizer = BytePairTokenizer.from_merges(tokens, merges)
    except ValueError as error:
        raise ValueError(f"{error} The tokenizer is that of {found.where}.") from error
    if row is not None:
        tokenizer = tokenizer.with_row(**row, mask=[mask] if mask in tokens else [])
    return HubTokenizer(tokenizer, np.array(rows))


def _file(found, name):
    """The content of a tokenizer's file, as bytes."""
    if name not in found.files:
        raise ValueError(
            f"Expected {name} among the files of {found.where}; received "
            f"{', '.join(found.files) or 'none'}. Save the model with its preprocessor."
        )
    return found.files[name]


def check_tokenizer(where, found, kind):
    """Refuses a model without a tokenizer, or with one of another class.

    Args:
        where: str, the model.
        found: Described, or None.
        kind: str, the class name.
    """
    if not isinstance(found, Described):
        raise ValueError(
            f"Expected {where} with its preprocessor, which has the tokenizer; received it "
            f"alone. Give a task with its preprocessor; a task on an encoder takes a {kind} as "
            "tokenizer too."
        )
    if found.name != kind:
        raise ValueError(
            f"Expected a {kind} for {where}; received a {found.name!r:.80}. Choose another model."
        )
