"""Loading a saved tokenizer."""

from __future__ import annotations

import hashlib
import pathlib
import typing

from kerasseq.manifest import finish
from kerasseq.text.byte_pair_tokenizer import BytePairTokenizer
from kerasseq.text.character_tokenizer import CharacterTokenizer
from kerasseq.text.sentencepiece_tokenizer import SentencePieceTokenizer
from kerasseq.text.word_tokenizer import WordTokenizer
from kerasseq.text.wordpiece_tokenizer import WordPieceTokenizer
from kerasseq.untrusted import door, read_file, read_json

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.text.tokenizer import Tokenizer

TOKENIZERS = {
    tokenizer.__name__: tokenizer
    for tokenizer in (
        BytePairTokenizer,
        CharacterTokenizer,
        SentencePieceTokenizer,
        WordPieceTokenizer,
        WordTokenizer,
    )
}


@door("a saved tokenizer", "Save the tokenizer again with tokenizer.save.")
def load_tokenizer(folder: AnyPath) -> Tokenizer:
    """Loads what `Tokenizer.save` wrote. No code from the folder is run.

    Args:
        folder: path.

    Returns:
        the tokenizer.

    Raises:
        FileNotFoundError: when `tokenizer.json` or a file it names is missing.
        ValueError: when a file is damaged or not a tokenizer of this package.
    """
    folder = pathlib.Path(folder)
    finish(folder)
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected a saved tokenizer in {folder}; received a folder without tokenizer.json. "
            "Name the folder that tokenizer.save wrote."
        )
    try:
        description = read_json(path, folder=folder)
        kind = TOKENIZERS[description["class"]]
        config, checksums = description["config"], dict(description["files"])
        row = dict(description.get("row", {}))
    except (ValueError, KeyError, TypeError) as error:
        raise _no_description(path, error) from error
    files = {}
    for name, checksum in checksums.items():
        file = folder / pathlib.PurePath(name).name
        if not file.is_file():
            raise FileNotFoundError(
                f"Expected {file} beside tokenizer.json; received no such file. Copy the whole "
                "folder that tokenizer.save wrote."
            )
        files[name] = read_file(file, folder)
        if hashlib.sha256(files[name]).hexdigest() != checksum:
            raise ValueError(
                f"Expected {file} with SHA-256 {checksum[:12]}…; received other bytes: the file is "
                "damaged or was edited. Save the tokenizer again with tokenizer.save."
            )
    try:
        tokenizer = kind.from_files(files, config)
        return tokenizer.with_row(**row) if row else tokenizer
    except (KeyError, TypeError) as error:
        raise _no_description(path, error) from error


def _no_description(path, error):
    return ValueError(
        f"Expected {path} to describe one of {sorted(TOKENIZERS)}; received something else "
        f"({type(error).__name__}: {error}). Save the tokenizer again with tokenizer.save."
    )
