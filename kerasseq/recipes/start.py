"""A run that starts from a trained translator, and what of a recipe may differ from it."""

from __future__ import annotations

import json
import pathlib
import typing

from kerasseq.manifest import hash_file
from kerasseq.models import copy_model
from kerasseq.recipes.build import TOKENIZERS, build_model
from kerasseq.tasks import Translator

if typing.TYPE_CHECKING:
    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.recipes.sections import Recipe
    from kerasseq.text.tokenizer import Tokenizer

WEIGHTS = (".safetensors", ".bin")


def load_start(folder: str) -> Translator:
    """The translator of a folder: one that was saved here, or a Bergamot model's.

    Raises:
        FileNotFoundError: for a folder that is not there.
        ValueError: for a folder of something else, or as its reader.
    """
    path = pathlib.Path(folder)
    if not path.is_dir():
        raise FileNotFoundError(
            f"Expected the folder of a translator at {folder}, from which the run starts; received "
            "none. Check the path."
        )
    if (path / "translator.json").is_file():
        return Translator.load(path)
    if any(path.glob("*.spm")) and any(path.glob("model*.bin")):
        return Translator.from_bergamot(path)
    raise ValueError(
        f"Expected a saved translator or a Bergamot model in {folder}; received a folder with "
        "neither translator.json nor model.*.bin and vocab.*.spm. Save the translator, and name "
        "its folder."
    )


def hash_weights(folder: str) -> dict[str, str]:
    """The SHA-256 of each file of weights in a folder, by its name."""
    paths = sorted(pathlib.Path(folder).glob("*"))
    return {path.name: hash_file(path) for path in paths if path.suffix in WEIGHTS}


def check_origin(run: pathlib.Path, origin: dict[str, typing.Any]) -> None:
    """Refuses to go on with a run that started from other weights.

    Args:
        run: path of the run folder.
        origin: dict of `folder` and `weights`, as `environment.json` has it.

    Raises:
        ValueError: names the file that changed.
    """
    path = run / "environment.json"
    if not path.is_file():
        return
    before = json.loads(path.read_text(encoding="utf-8")).get("start", origin)
    if before["weights"] != origin["weights"]:
        changed = sorted(set(before["weights"].items()) ^ set(origin["weights"].items()))[0][0]
        raise ValueError(
            f"Expected the weights in {origin['folder']} that this run started from; received "
            f"others ({changed} changed). Put them back, or name a new run folder."
        )


def start_model(recipe: Recipe, start: Translator) -> Seq2Seq:
    """A copy of a translator's model, with the recipe's precision and dropout.

    Raises:
        ValueError: for a section or key that contradicts the translator, by its name.
    """
    section, training = dict(recipe.get("model", {})), recipe["training"]
    folder = recipe["start"]["folder"]
    for name in ("source_vectors", "target_vectors"):
        if name in recipe:
            _refuse(f"[{name}]", "embeddings that are trained", "the section", folder)
    if training.get("initialize_output_bias"):
        _refuse("training.initialize_output_bias", "an output layer that is trained", True, folder)
    _check_tokenizers(recipe, start, folder)
    kind = section.pop("kind", type(start.model).__name__)
    if kind != type(start.model).__name__:
        _refuse("model.kind", repr(type(start.model).__name__), repr(kind), folder)
    dropouts = {key: section.pop(key) for key in [*section] if key.endswith("dropout")}
    if section:  # the keys as a model has them: True may stand for a number
        sizes = start.source.vocabulary_size, start.target.vocabulary_size
        found = build_model(section | {"kind": kind}, *sizes).get_config()
        for key, value in section.items():
            if found[key] != start.model.get_config()[key]:
                _refuse(f"model.{key}", repr(start.model.get_config()[key]), repr(value), folder)
    return copy_model(start.model, dtype=training.get("precision", "float32"), **dropouts)


def _check_tokenizers(recipe, start, folder):
    """Refuses tokenizer sections whose keys say other than the translator's tokenizers."""
    for section in ("joint_tokenizer", "source_tokenizer", "target_tokenizer"):
        if section not in recipe:
            continue
        if section == "joint_tokenizer" and not same_tokenizer(start.source, start.target):
            _refuse(f"[{section}]", "a tokenizer for each side", "one for both", folder)
        tokenizer = start.target if section == "target_tokenizer" else start.source
        named = {TOKENIZERS[kind]: kind for kind in TOKENIZERS}
        known = tokenizer.get_config() | {
            "kind": named.get(type(tokenizer).__name__, type(tokenizer).__name__),
            "vocabulary_size": tokenizer.vocabulary_size,
        }
        for key, value in recipe[section].items():
            # How a tokenizer was trained, such as model_type, it does not tell.
            if key in known and known[key] != value:
                _refuse(f"{section}.{key}", repr(known[key]), repr(value), folder)


def same_tokenizer(first: Tokenizer, second: Tokenizer) -> bool:
    """Whether two tokenizers read and write alike."""
    alike = type(first) is type(second) and first.get_config() == second.get_config()
    return alike and first.files() == second.files()


def _refuse(name, expected, received, folder):
    raise ValueError(
        f"Expected {name} as the translator in {folder} has it, {expected}; received {received}. "
        "Leave it out: the run starts from that model and its tokenizers."
    )
