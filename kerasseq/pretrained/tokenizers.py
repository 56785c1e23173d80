"""The tokenizer of a folder in Hugging Face's layout, of whichever kind it is."""

import typing

import numpy as np

from kerasseq.pretrained import byte_pairs
from kerasseq.pretrained.metaspace import read_spacing
from kerasseq.pretrained.piece_model import check_cleaned, write_model
from kerasseq.pretrained.renumbered import NEW
from kerasseq.pretrained.roles import ids_of_added, read_added_tokens, read_mask, read_roles
from kerasseq.pretrained.rows import Rows, read_rows
from kerasseq.pretrained.tokenizer_parts import FILE, part, read_file
from kerasseq.pretrained.unigram import check_unknown, read_unigram
from kerasseq.text import BytePairTokenizer, SentencePieceTokenizer, normalize
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


def read_tokenizer(folder, name=FILE, found=None):
    """The tokenizer of a folder, of `tokenizer.json`, or of `vocab.json` and `merges.txt`.

    Unigram, and byte-pair encoding that marks words with "▁", become a SentencePiece model that
    cuts alike; byte-pair encoding over bytes becomes a `BytePairTokenizer`.

    Every text is cleaned first as `kerasseq.text.normalize` says, so a vocabulary sees composed
    letters and single spaces. A special token in a text is text. Of a text that is cleaned,
    `tokenizers` makes the same tokens but for three things: a mark behind a character that a
    model's table writes as others stays, as SentencePiece has it (`tokenizers` drops it); a space
    at an end goes, and of two one, where a table takes away the characters beside it; and "▁" in
    a text is a space.

    Args:
        folder: Folder.
        name: str, the file.
        found: dict, what `tokenizer.json` would hold, of a file of another format.

    Returns:
        FolderTokenizer.

    Raises:
        FileNotFoundError: without these files.
        ValueError: for a damaged file, or a part that is not supported, by its name.
    """
    where = str(folder.path / name)
    if found is None and not folder.has(FILE) and folder.has(byte_pairs.MERGES):
        where, found = str(folder.path / byte_pairs.MERGES), byte_pairs.describe_merges(folder)
    found = found or read_file(folder)
    model = part(where, found, "model")
    merges = None
    if model.kind == "Unigram":
        scored = read_unigram(model)
        pieces = [piece for piece, _ in scored]
    elif model.kind == "BPE":
        pieces, merges = byte_pairs.read_byte_pairs(model)
    else:
        raise model.refuse("Unigram", "BPE")
    numbers = {piece: number for number, piece in enumerate(pieces)}
    byte_level = merges is not None and byte_pairs.is_byte_level(where, found)
    # The symbols of a byte-level tokenizer may be added tokens too.
    behind = ids_of_added(found) if byte_level else {}
    roles = read_roles(folder, behind | numbers)
    added = read_added_tokens(folder, found, roles, numbers)
    further = [token for token in (*roles, *added) if token and token not in numbers]
    further = sorted(further, key=lambda token: behind.get(token, len(numbers) + len(behind)))
    numbers |= {token: number for number, token in enumerate(further, len(numbers))}
    rows = read_rows(where, found, numbers).renamed(dict(zip(roles, SPECIALS, strict=True)))
    try:
        if byte_level:
            prefix_space = byte_pairs.read_byte_level(folder, where, found)
            rest = [token for token in numbers if token not in roles]
            order = np.array([numbers.get(token, NEW) for token in [*roles, *rest]])
            sides = {token: how.side() for token, how in added.items() if in_a_text(token)}
            tokenizer = BytePairTokenizer.from_merges(
                [*SPECIALS, *rest], merges, prefix_space, sides
            )
            return FolderTokenizer(tokenizer, order, rows)
        byte_fallback = model.fields.get("byte_fallback") is True
        spacing = read_spacing(where, found, byte_fallback)
        if merges:
            symbols = {*roles, *added}
            scored = byte_pairs.score_pieces(model, pieces, merges, symbols)
        else:
            check_unknown(model, scored, roles)
        content, order = write_model(
            where, scored, added, roles, spacing, byte_fallback, bool(merges)
        )
        check_cleaned(where, content, added)
        sides = {token: how.side(spacing.side) for token, how in added.items()}
        return FolderTokenizer(SentencePieceTokenizer(content, added_tokens=sides), order, rows)
    except ValueError as error:
        raise ValueError(f"{error} The tokenizer is that of {folder.path}.") from error


def in_a_text(token):
    """Whether a cleaned text may hold an added token: no run of spaces, for example."""
    return normalize(f"x{token}x") == f"x{token}x"


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
