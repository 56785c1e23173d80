"""A student of Firefox Translations (Bergamot): Marian's model, its vocabularies, its settings."""

import pathlib
import typing

import numpy as np

from kerasseq.models.transformer import Transformer
from kerasseq.pretrained.fields import check_fields
from kerasseq.pretrained.marian_file import SETTINGS, read_marian
from kerasseq.pretrained.marian_settings import CONFIG_INERT, LARGEST, mapping, read_settings
from kerasseq.pretrained.marian_weights import MarianTensors
from kerasseq.pretrained.renumbered import NEW, VANISHED, renumber
from kerasseq.text import SentencePieceTokenizer
from kerasseq.text.vocabulary import PAD_ID, START_ID
from kerasseq.untrusted import check_place, door, is_plain_name, read_file

EPSILON = 1e-6  # of Marian's layer normalisations in a Transformer


class Bergamot(typing.NamedTuple):
    """What a folder holds.

    Attributes:
        model: Transformer.
        source, target: SentencePieceTokenizer, one object where the sides share a vocabulary.
    """

    model: Transformer
    source: SentencePieceTokenizer
    target: SentencePieceTokenizer


@door("a folder of a Bergamot model", "Copy the folder again.")
def read_bergamot(folder, dtype=None):
    """Reads `model.*.bin` and `vocab.*.spm` (or `srcvocab.*.spm` and `trgvocab.*.spm`).

    A `config*.yml` beside them names the files; without one they are found by their names. The
    pieces are renumbered, and the rows of the embeddings and of the output's bias with them:
    padding and start get rows of zeros, as Marian's decoder starts, and no probability.

    Args:
        folder: path of the folder.
        dtype: precision policy of the model.

    Raises:
        FileNotFoundError: for a missing folder or file.
        ValueError: for a damaged file, files that do not fit each other, or what is not
            supported, by its name.
    """
    path, *vocabularies = find_files(pathlib.Path(folder))
    arrays, settings = read_marian(path)
    options, sizes = read_settings(settings, f"{SETTINGS} of {path}")
    sides = [read_vocabulary(vocabulary) for vocabulary in vocabularies]
    shared = options["share_embeddings"]
    if shared and sides[0][0].model != sides[-1][0].model:
        raise ValueError(
            f"Expected one vocabulary for the shared embeddings of {path}; received "
            f"{vocabularies[0].name} and {vocabularies[-1].name}, which differ. Choose the files "
            "of one model."
        )
    (source, source_order), (target, target_order) = sides[0], sides[-1]
    target = source if shared else target
    tensors = MarianTensors(path, arrays)
    width, inner = options["hidden_dim"], options["feed_forward_dim"]
    # Before a model of these sizes is made.
    for side, attention, depth in (
        ("encoder", "self", "num_layers"),
        ("decoder", "context", "num_decoder_layers"),
    ):
        for layer in range(1, options[depth] + 1):
            tensors.check(f"{side}_l{layer}_{attention}_Wq", (width, width))
            tensors.check(f"{side}_l{layer}_ffn_W1", (width, inner))
    tables = []
    names = ("Wemb",) if shared else ("encoder_Wemb", "decoder_Wemb")
    for name, size, order in zip(names, sizes, (source_order, target_order), strict=False):
        _check_pieces(path, size, order)
        tables.append(_reordered(tensors.take(name, (size, width)), order, 0.0))
    bias = tensors.take("decoder_ff_logit_out_b", (1, sizes[1]))[0]
    model = Transformer(
        source.vocabulary_size,
        target.vocabulary_size,
        dropout=0.0,
        positions="sinusoidal_halves",
        output_bias=True,
        epsilon=EPSILON,
        dtype=dtype,
        **options,
    )
    model.source_embedding.table.assign(tables[0])
    model.target_embedding.table.assign(tables[-1])
    model.output_bias.assign(_reordered(bias, target_order, VANISHED))
    tensors.fill(model)
    tensors.finish()
    return Bergamot(model, source, target)


def find_files(folder):
    """The paths of a folder's model and of its one or two vocabularies, source first."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"Expected a folder of a Bergamot model at {folder}; received none. Check the path."
        )
    named = {"models": None, "vocabs": None}
    if config := _one(folder, "config*.yml", required=False):
        found = mapping(read_file(config, folder, LARGEST), str(config))
        check_fields(str(config), found, named, inert=CONFIG_INERT)
        for field, most in (("models", 1), ("vocabs", 2)):
            if field in found:
                named[field] = _names(config, field, found[field], most)
    models = named["models"] or [_one(folder, "model*.bin").name]
    vocabularies = named["vocabs"]
    if vocabularies is None and any(folder.glob("srcvocab*.spm")):
        vocabularies = [_one(folder, f"{side}vocab*.spm").name for side in ("src", "trg")]
    paths = [folder / name for name in models + (vocabularies or [_one(folder, "vocab*.spm").name])]
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(
                f"Expected {path.name} in {folder}, as its settings say; received no such file. "
                "Copy it there."
            )
        check_place(path, folder)
    return paths


def _names(config, field, names, most):
    """The file names of a field, of files beside it."""
    plain = isinstance(names, list) and 1 <= len(names) <= most
    if not plain or not all(map(is_plain_name, names)):
        raise ValueError(
            f"Expected {field!r} of {config} to list 1 to {most} files beside it; received "
            f"{names!r:.80}. Put the files into one folder, and name them without a path."
        )
    return names


def _one(folder, pattern, required=True):
    """The one file of a pattern; None without one that is not required."""
    found = sorted(folder.glob(pattern))
    if len(found) > 1 or (required and not found):
        kind, beside = (FileNotFoundError, "none") if not found else (ValueError, "")
        raise kind(
            f"Expected one {pattern} in {folder}; received "
            f"{beside or ', '.join(path.name for path in found)}. Name a folder of one model, its "
            "files unpacked."
        )
    return found[0] if found else None


def read_vocabulary(path):
    """A tokenizer with the house's ids, and the former id of each of its pieces."""
    model, order = renumber(read_file(path), path)
    return SentencePieceTokenizer(model), order


def _check_pieces(path, size, order):
    pieces = int((order != NEW).sum())
    if pieces != size:
        raise ValueError(
            f"Expected a vocabulary of {size} pieces for {path}, as its settings say; received "
            f"{pieces}. Choose the files of one model."
        )


def _reordered(rows, order, absent):
    """Rows by former ids to rows by the house's; padding and start are absent."""
    found = rows[np.maximum(order, 0)]
    found[[PAD_ID, START_ID]] = absent
    return found
