"""The tokenizer of a folder in Hugging Face's layout, of whichever kind it is."""

import typing

import numpy as np

from kerasseq.pretrained.metaspace import read_spacing
from kerasseq.pretrained.piece_model import check_cleaned, write_model
from kerasseq.pretrained.roles import read_added_tokens, read_mask, read_roles
from kerasseq.pretrained.rows import Rows, read_rows
from kerasseq.pretrained.tokenizer_parts import FILE, part, read_file
from kerasseq.pretrained.unigram import check_unknown, read_unigram
from kerasseq.text import SentencePieceTokenizer
from kerasseq.text.tokenizer import Tokenizer
from kerasseq.text.vocabulary import SPECIALS


class FolderTokenizer(typing.NamedTuple):
    """What a folder's tokenizer is.

    Attributes:
        tokenizer: Tokenizer, its ids the house's: padding, unknown, start and end are 0 to 3.
        order: int array `(V,)`, the folder's id of each of the tokenizer's, -1 for a special
            that the folder does not have.
        rows: Rows, what stands before and behind a text, by the tokenizer's names.
    """

    tokenizer: Tokenizer
    order: np.ndarray
    rows: Rows


def read_tokenizer(folder):
    """The tokenizer of a folder, of `tokenizer.json`.

    Unigram becomes a SentencePiece model that cuts alike. Every text is cleaned first as
    `kerasseq.text.normalize` says, so the vocabulary sees composed letters and single spaces.

    Args:
        folder: Folder.

    Returns:
        FolderTokenizer.

    Raises:
        FileNotFoundError: without the file.
        ValueError: for a damaged file, or a part that is not supported, by its name.
    """
    where = str(folder.path / FILE)
    found = read_file(folder)
    model = part(where, found, "model")
    if model.kind != "Unigram":
        raise model.refuse("Unigram")
    pieces, byte_fallback = read_unigram(model)
    spacing = read_spacing(where, found, byte_fallback)
    numbers = {piece: number for number, (piece, _) in enumerate(pieces)}
    roles = read_roles(folder, numbers)
    check_unknown(model, pieces, roles)
    added = read_added_tokens(folder, found, roles, numbers)
    further = [token for token in added if token not in numbers]
    numbers |= {token: number for number, token in enumerate(further, len(numbers))}
    rows = read_rows(where, found, numbers).renamed(dict(zip(roles, SPECIALS, strict=True)))
    content, order = write_model(where, pieces, added, roles, spacing, byte_fallback, False)
    check_cleaned(where, content, added)
    sides = {token: _side(one, spacing.side) for token, one in added.items()}
    try:
        return FolderTokenizer(SentencePieceTokenizer(content, added_tokens=sides), order, rows)
    except ValueError as error:
        raise ValueError(f"{error} The tokenizer is that of {folder.path}.") from error


def read_encoder_tokenizer(folder):
    """The same for a text encoder: the tokenizer makes its rows, and has its mask.

    Raises:
        FileNotFoundError, ValueError: as `read_tokenizer`, and for rows of pairs of another form.
    """
    found = read_tokenizer(folder)
    if not found.rows.between:
        raise ValueError(
            f"Expected pairs with tokens between the texts in {folder.path / FILE}; received "
            f"{found.rows.between}. Choose another tokenizer."
        )
    before, behind, between = found.rows
    mask = read_mask(folder)
    known = [mask] if mask in found.tokenizer.vocabulary else []
    return found._replace(tokenizer=found.tokenizer.with_row(before, between, behind, known))


def _side(added, always):
    """The side on which a space goes with an added token."""
    left = added.lstrip or always in ("left", "both")
    right = added.rstrip or always in ("right", "both")
    return "both" if left and right else "left" if left else "right" if right else ""
