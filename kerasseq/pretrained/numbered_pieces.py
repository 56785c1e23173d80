"""A SentencePiece model whose pieces a `vocab.json` numbers, as Marian's and M2M100's are."""

import types
import typing

import numpy as np

from kerasseq.pretrained.renumbered import NEW, parsed, settle
from kerasseq.text import SentencePieceTokenizer
from kerasseq.text.vocabulary import END_ID, PAD_ID, SPECIALS, UNK_ID

MOST_FILLED = 4096  # rows without a piece, with which tables are filled up


class Vocabulary(typing.NamedTuple):
    """A tokenizer with the house's ids.

    Attributes:
        tokenizer: Tokenizer.
        order: int array `(V,)`, the former id of each piece; -1 for a start symbol that is new.
        copies: int, how many of the last pieces are other spellings of the unknown one, whose
            former id they have: a model reads them and never writes them.
    """

    tokenizer: typing.Any
    order: np.ndarray
    copies: int = 0

    def id_of(self, former):
        """The id of a former one, an int; None for one that no piece has."""
        found = np.flatnonzero(self.order[: len(self.order) - self.copies] == former)
        return int(found[0]) if len(found) else None


class TranslatorTokenizers(typing.NamedTuple):
    """What a translator reads and writes with.

    Attributes:
        source, target: Vocabulary, one object where the sides share it.
        source_before: tuple of int, the ids before a source's tokens.
        source_behind: tuple of int, the ids behind its end symbol.
        target_code: tuple of the id of the language that was asked for; () without one.
        codes: dict from the languages that can be asked for to ids.
    """

    source: Vocabulary
    target: Vocabulary
    source_before: tuple = ()
    source_behind: tuple = ()
    target_code: tuple = ()
    codes: dict = types.MappingProxyType({})


def rows_of_table(request, field, pieces, name):
    """The rows of a table of embeddings, at least one for each piece.

    Args:
        request: Request.
        field: str, of `config.json`.
        pieces: int, how many there are.
        name: str, the file that says so.

    Raises:
        ValueError: for fewer rows, or more than a table is filled up with.
    """
    size = request.config.get(field)
    if size is None and field == "decoder_vocab_size":
        size = request.config.get("vocab_size")
    if type(size) is not int or not pieces <= size < pieces + MOST_FILLED:
        raise ValueError(
            f"Expected {field!r} of {pieces} or a few more in {request.where}, a row for each "
            f"piece of {name}; received {size!r:.80}. Choose files of one model."
        )
    return size


def read_numbers(folder, name):
    """The ids of pieces in a JSON file: a dict from str to int.

    Args:
        folder: Folder.
        name: str, of the file.

    Raises:
        ValueError: for anything else, or without padding, unknown or end.
    """
    found = folder.json(name)
    ids = list(found.values())
    if any(type(i) is not int for i in ids) or sorted(ids) != list(range(len(ids))):
        raise ValueError(
            f"Expected {folder.path / name} to give pieces the ids from 0 up; received others. "
            "Copy the file again."
        )
    for special in (SPECIALS[PAD_ID], SPECIALS[UNK_ID], SPECIALS[END_ID]):
        if special not in found:
            raise ValueError(
                f"Expected {special} in {folder.path / name}; received {len(found)} others. "
                "Choose another model."
            )
    return found


def numbered(folder, names, ids, size, symbols=()):
    """SentencePiece models with the ids of one vocabulary, one for each side.

    The house's four symbols come first, the others in the order of their ids. What a model cuts
    and the vocabulary does not have is an unknown piece there. Here it stays a piece of its own
    on the first side, behind the others, with the former id of the unknown one; the other side,
    of which answers are made, does without it.

    Args:
        folder: Folder.
        names: list of str, the files of one or two models, the source's first.
        ids: dict from pieces to former ids.
        size: int, the rows of the embeddings; ids that no piece has are kept.
        symbols: collection of pieces that stand in no text, as a language's code does.

    Returns:
        list of Vocabulary, one for each name.

    Raises:
        ValueError: for files that are no such models.
    """
    protos = [parsed(folder.bytes(name), folder.path / name) for name in names]
    pieces = [{piece.piece: piece for piece in proto.pieces} for proto in protos]
    by_id = {number: piece for piece, number in ids.items()}
    former = [ids.get(piece, NEW) for piece in SPECIALS]
    rest = [i for i in range(size) if i not in former]
    Piece = type(protos[0]).SentencePiece
    texts = {
        name for side in pieces for name, each in side.items()
        if each.type not in (Piece.CONTROL, Piece.UNKNOWN)
    }  # fmt: skip
    listed = [by_id.get(i, f"<row {i}>") for i in rest]
    copies = sorted(texts - ids.keys() - {*SPECIALS})
    found = []
    for number, (name, proto, own) in enumerate(zip(names, protos, pieces, strict=True)):
        del proto.pieces[:]
        for piece, kind in zip(
            SPECIALS, (Piece.CONTROL, Piece.UNKNOWN, *[Piece.CONTROL] * 2), strict=True
        ):
            proto.pieces.add(piece=piece, score=0.0, type=kind)
        for i, piece in zip(rest, listed, strict=True):
            known = own.get(piece)
            if i not in by_id or piece in symbols:
                proto.pieces.add(piece=piece, score=0.0, type=Piece.CONTROL)
            elif known is not None and known.type not in (Piece.CONTROL, Piece.UNKNOWN):
                proto.pieces.add(piece=piece, score=known.score, type=known.type)
            else:
                proto.pieces.add(piece=piece, score=0.0, type=Piece.UNUSED)
        for piece in copies:
            known = own.get(piece)
            kind = known.type if known is not None and not number else Piece.UNUSED
            proto.pieces.add(piece=piece, score=known.score if known else 0.0, type=kind)
        settle(proto)
        order = np.array([*former, *rest, *[ids[SPECIALS[UNK_ID]]] * len(copies)])
        try:
            tokenizer = SentencePieceTokenizer(proto.SerializeToString())
        except ValueError as error:
            raise ValueError(
                f"Expected a SentencePiece model that vocab.json numbers at {folder.path / name}; "
                "received another. Choose the files of one model."
            ) from error
        found.append(Vocabulary(tokenizer, order, len(copies)))
    return found
