"""The ids of a recipe's training pairs, prepared once in a folder that several runs may share."""

from __future__ import annotations

import json
import pathlib
import typing

from kerasseq.data.pair_ids import PairIds
from kerasseq.doctor import Finding, check_tokenizers, examine
from kerasseq.files import write_file
from kerasseq.folder_lock import lock, unlock
from kerasseq.manifest import NAME, hash_file
from kerasseq.recipes.build import build_tokenizers
from kerasseq.recipes.corpora import (
    HELD_OUT,
    KEYS_OF,
    build_data,
    drawn_parts,
    training_files,
)
from kerasseq.text import load_tokenizer

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.translator import Translator
    from kerasseq.text.tokenizer import Tokenizer

IDS = "ids"


class Prepared(typing.NamedTuple):
    """What a run needs of its training text.

    Attributes:
        ids: PairIds.
        source: Tokenizer of the sources.
        target: Tokenizer of the targets.
        findings: list of Finding, what the doctor said of the text.
        sha256: str, of the ids and what they depend on.
    """

    ids: PairIds
    source: Tokenizer
    target: Tokenizer
    findings: list[Finding]
    sha256: str


def is_prepared(folder: AnyPath) -> bool:
    """Whether a folder of `data.prepared` is filled."""
    return (pathlib.Path(folder) / IDS).is_dir()


def prepare(recipe: Recipe, start: Translator | None = None) -> Prepared:
    """Trains a recipe's tokenizers and tokenises its training pairs into `data.prepared`; where
    that is done, opens it.

    The folder gets `source` and `target`, the tokenizers; `findings.json`, what the doctor says;
    and `ids`. The text is read for it three times, and not again by the runs that name the folder.

    Args:
        recipe: dict, from `load_recipe`.
        start: Translator whose tokenizers are taken; None for new ones.

    Raises:
        ValueError: for a folder of other text or tokenizers, or a damaged one; for tokenizers that
            sample.
        BlockingIOError: when another process prepares the folder.
    """
    folder = pathlib.Path(recipe["data"]["prepared"])
    depends_on = _depends_on(recipe)
    tokenizers = (start.source, start.target) if start else None
    if not is_prepared(folder):
        lock(folder)
        try:
            if not is_prepared(folder):  # nor has another process finished it meanwhile
                _write(recipe, folder, tokenizers, depends_on)
        finally:
            unlock(folder)
    if tokenizers is None:
        tokenizers = load_tokenizer(folder / "source"), load_tokenizer(folder / "target")
    ids = PairIds.open(folder / IDS, *tokenizers, depends_on)
    findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    return Prepared(
        ids,
        *tokenizers,
        [Finding(*each) for each in findings],
        hash_file(folder / IDS / NAME),
    )


def _write(recipe, folder, tokenizers, depends_on):
    """Fills a folder, with new tokenizers unless there are some."""
    corpus = build_data(recipe["data"], ("train", "validation"))
    if not tokenizers:
        tokenizers = build_tokenizers(recipe, corpus.train)
        for name, each in zip(("source", "target"), tokenizers, strict=True):
            each.save(folder / name)
    found = check_tokenizers(corpus.train, *tokenizers) + examine(corpus.train, corpus.validation)
    told = [each for each in found if each.name != "empty sides"]  # batches tell of these
    write_file(folder / "findings.json", json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    corpus.train.prepare(folder / IDS, *tokenizers, depends_on=depends_on)


def _depends_on(recipe):
    """What training pairs and tokenizers depend on: settings, and the SHA-256 of files."""
    data = {key: value for key, value in recipe["data"].items() if key not in _others(recipe)}
    sections = {name: recipe[name] for name in recipe if name.endswith("tokenizer")}
    settings = {f"[{name}]": each for name, each in ({"data": data} | sections).items()}
    files = {str(path): hash_file(path) for path in training_files(recipe["data"])}
    return {name: json.dumps(each, sort_keys=True) for name, each in settings.items()} | files


def _others(recipe):
    """The keys of `[data]` that say nothing of the training pairs."""
    drawn = drawn_parts(recipe["data"])  # which the training pairs lack
    held_out = [part for part in HELD_OUT if part not in drawn]
    shares = [] if drawn else ["split_seed"]
    return {"prepared", *shares} | {
        key for part in held_out for key in (*KEYS_OF[part], f"{part}_share")
    }
