"""Files that are no pairs and no labelled texts, and the recipes that read them."""

from __future__ import annotations

import itertools
import pathlib
import shlex
import typing
from collections.abc import Sequence

from kerasseq.data.lines import read_lines
from kerasseq.recipes.columns import LOOKED_AT, TAG

if typing.TYPE_CHECKING:
    from kerasseq.files import AnyPath
    from kerasseq.recipes.columns import Column

NUMBERS = ("value", "number")


def check_of_text(path: AnyPath, columns: Sequence[Column]) -> None:
    """Refuses a table of tagged words, of images and captions, or of a series.

    Args:
        path: path of the table.
        columns: list of Column, of which none was asked for.

    Raises:
        ValueError: says what the table seems to be, and the command that trains on it.
    """
    kinds = {each.kind: each.key for each in columns}
    if "tag" in kinds:
        raise ValueError(_of_tags(path))
    caption = kinds.get("text", kinds.get("label"))
    if "image" in kinds and caption is not None:
        named = {kinds["image"], caption} == {"image", "caption"}
        called = f", its columns called image and caption, not {kinds['image']} and {caption}"
        raise ValueError(
            f"Expected pairs or labelled texts in {path}; received images and their captions. "
            f"Train a captioner{'' if named else called}: kerasseq train caption --set "
            f"{_option('data.train', path)}."
        )
    numbers = [each.key for each in columns if each.kind in NUMBERS]
    if numbers and not {"text", "labels", "other"} & {*kinds}:
        value = f'["{numbers[0]}"]' if isinstance(numbers[0], str) else f"[{numbers[0]}]"
        raise ValueError(
            f"Expected pairs or labelled texts in {path}; received numbers, a row a step. Train a "
            f"forecaster: kerasseq train forecast --set {_option('data.train', path)} --set "
            f"{_option('data.values', value)}; or name columns of text: --text and --label."
        )


def check_no_tags(path: AnyPath, encoding: str) -> None:
    """Refuses lines of a word and its tag, a space between.

    Raises:
        ValueError: as `check_of_text`.
    """
    lines = (line.split() for line in read_lines(path, encoding) if line.strip())
    tags = {line[-1] if len(line) > 1 else "" for line in itertools.islice(lines, LOOKED_AT)}
    if "O" in tags and len(tags) > 1 and all(map(TAG.fullmatch, tags)):
        raise ValueError(_of_tags(path))


def _of_tags(path):
    path = pathlib.Path(path)
    options = " --set ".join(
        [
            _option("data.folder", path.parent.resolve()),
            _option("data.train", path.name),
            "data.validation=FILE",
            "data.test=FILE",
        ]
    )
    return (
        f"Expected pairs or labelled texts in {path}; received words and their tags. Train a "
        f"tagger: kerasseq train wnut17 --set {options}."
    )


def _option(key, value):
    return shlex.quote(f"{key}={value}")
