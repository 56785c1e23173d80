"""The recipe that learns from pairs which a teacher made."""

from __future__ import annotations

import typing
from collections.abc import Iterator

from kerasseq.recipes.drafts import commented, translator_sections

if typing.TYPE_CHECKING:
    from kerasseq.recipes.drafts import Drafted
    from kerasseq.recipes.measures import Measures
    from kerasseq.recipes.sections import Recipe

    Section: typing.TypeAlias = dict[str, typing.Any]

SHALLOW = 2  # blocks of a student's decoder
# What a recipe's data have that holds for other files too, and what its batches have that does not.
STAYS, GOES = ("keep_whitespace", "joined"), ("weights", "temperature")
DATA = "The folder is that of this file; the parts share no text."
MIXED = (
    "How often an epoch reads the pairs of each file of data.train: 1.5 is once, and half again."
)
DEEP = "A deep encoder and a shallow decoder (Kasai et al. 2021): faster, of as many blocks."


def student_recipe(
    measures: Measures,
    data: Section,
    weights: list[float] | None,
    *,
    recipe: Recipe | None = None,
    shallow: bool = False,
    tag: str | None = None,
) -> str:
    """A recipe in TOML with comments.

    Args:
        measures: Measures of the pairs, from which it is drafted where there is no recipe.
        data: dict, the `[data]` section.
        weights: list of float, one for each file to train on; None for one file.
        recipe: dict of sections, which it has but for the data.
        shallow: bool, moves blocks of a Transformer's decoder to the encoder.
        tag: str, a word that sources may begin with, which is made one piece.
    """
    sections = (
        translator_sections(measures)
        if recipe is None
        else (("", name, values) for name, values in recipe.items())
    )
    drafted = _changed(sections, recipe, data, weights, shallow, tag)
    return commented(measures.sentence, drafted)


def _changed(sections, recipe, data, weights, shallow, tag) -> Iterator[Drafted]:
    for comment, name, values in sections:
        if name == "data":
            stays = {key: values[key] for key in STAYS if recipe and key in values}
            comment, values = DATA, data | stays
        elif name == "batches":
            values = {key: value for key, value in values.items() if key not in GOES}
            if weights:
                comment, values = f"{comment}\n{MIXED}", values | {"weights": weights}
        elif name == "model" and shallow:
            found = deep_and_shallow(values)
            comment, values = (comment if found == values else DEEP), found
        elif name in ("joint_tokenizer", "source_tokenizer") and tag:
            values = with_symbol(values, tag)
        yield comment, name, values


def deep_and_shallow(section: Section) -> Section:
    """A `[model]` section with a decoder of two blocks, of one where there were two, and the
    others in the encoder; the section itself for what is no Transformer, or is shallow."""
    depth = section.get("num_layers", 0)
    decoder = section.get("num_decoder_layers", depth)
    few = min(SHALLOW, decoder // 2)
    if section.get("kind") != "Transformer" or decoder != depth or few < 1:
        return section
    return section | {"num_layers": depth + decoder - few, "num_decoder_layers": few}


def with_symbol(section: Section, symbol: str) -> Section:
    """A tokenizer's section with a word that stays whole; of words or letters, the section
    itself."""
    if section.get("kind") != "sentencepiece":
        return section
    known = section.get("user_defined_symbols", [])
    known = [known] if isinstance(known, str) else known
    return section | {"user_defined_symbols": [*dict.fromkeys([*known, symbol])]}
