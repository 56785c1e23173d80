"""What a recipe may hold: its sections, their keys, and the kind of each value."""

from __future__ import annotations

from kerasseq.meant import meant
from kerasseq.recipes.keys import NEW, REQUIRED, SECTIONS, SIZES, Recipe
from kerasseq.recipes.kinds import PART


def kind_of(recipe: Recipe) -> str:
    """The name of the task that a recipe trains, as "classifier"; a translator by default."""
    return recipe.get("task", {}).get("kind", "translator")


def check_sections(recipe: Recipe, where: str) -> None:
    """Refuses a recipe with a wrong section, key or value, or without one that it needs.

    Args:
        recipe: dict of sections.
        where: str, the recipe's name or path.

    Raises:
        ValueError: names the section, key or value.
    """
    if not isinstance(recipe.get("task", {}), dict) or kind_of(recipe) not in SECTIONS:
        received = recipe["task"]["kind"] if isinstance(recipe["task"], dict) else recipe["task"]
        raise ValueError(
            f"Expected task.kind of {', '.join(SECTIONS)} in {where}; received {received!r}. "
            f"{meant(received, SECTIONS)}Choose one."
        )
    sections = SECTIONS[kind_of(recipe)]
    for section, values in recipe.items():
        if section not in sections or not isinstance(values, dict):
            raise ValueError(
                f"Expected the sections {', '.join(sections)} in {where}; received {section!r}. "
                f"{meant(section, sections)}Remove or rename it."
            )
        required = {"kind"} if section in NEW[kind_of(recipe)] else REQUIRED.get(section, set())
        required = required | SIZES.get(kind_of(recipe), {}).get(section, set())
        _check_keys(section, values, where, sections[section], required, "start" in recipe)
    _check_parts(recipe, where)
    if kind_of(recipe) == "translator":
        _check_sides(recipe, where)
        _check_alignments(recipe, where)


def _check_parts(recipe, where):
    """Refuses a recipe without a section that its task needs."""
    new = [] if "start" in recipe else [*NEW[kind_of(recipe)]]
    needed = ["data", "batches", *new, "training"]
    missing = set(needed) - set(recipe)
    if missing:
        raise ValueError(
            f"Expected all of {', '.join(needed)} in {where}; missing "
            f"{', '.join(sorted(missing))}. Add the sections."
        )
    made = [name for name in ("tokenizer", "vectors", "encoder", "model") if name in recipe]
    if "start" in recipe and kind_of(recipe) != "translator" and made:
        raise ValueError(
            f"Expected a model that starts from the one in start.folder, with its tokenizer, in "
            f"{where}; received [{made[0]}] too. Leave the section out, or [start]."
        )


def _check_sides(recipe, where):
    """Refuses tokenizers that are not one or two, and lengths that do not fit."""
    tokenizers = {name for name in recipe if name.endswith("tokenizer")}
    allowed = [{"joint_tokenizer"}, {"source_tokenizer", "target_tokenizer"}]
    if "start" in recipe:  # from a translator, with its model and its tokenizers
        allowed.append(set())
    if tokenizers not in allowed:
        raise ValueError(
            "Expected a [joint_tokenizer], or a [source_tokenizer] and a [target_tokenizer] in "
            f"{where}; received {', '.join(sorted(tokenizers)) or 'none'}. Name one or both."
        )
    trained = recipe["batches"].get("max_length", 0)
    read = recipe.get("translation", {}).get("max_source_length", trained)
    if read < trained:
        raise ValueError(
            f"Expected translation.max_source_length of at least batches.max_length, {trained} "
            f"tokens, in {where}: what training reads, the translator reads; received {read}. "
            "Leave it out, or lower batches.max_length."
        )


def _check_alignments(recipe, where):
    """Refuses guided alignment without alignments, and alignments beside what changes the pairs."""
    data, guided = recipe["data"], recipe["training"].get("guided_alignment")
    if guided and "alignments" not in data:
        raise ValueError(
            f"Expected data.alignments, the path of a file, with training.guided_alignment in "
            f"{where}; received {guided} without. Write one by kerasseq align, and name it."
        )
    other = next((name for name in ("prepared", "joined") if name in data), None)
    if "alignments" in data and other:
        raise ValueError(
            f"Expected data.alignments without data.{other} in {where}; received both. Leave one "
            "of them out."
        )


def _check_keys(section, values, where, kinds, required, started):
    """Refuses a section with a wrong key, without a needed one, or with a wrong value."""
    unknown = set(values) - set(kinds) if kinds else set()
    if unknown:
        raise ValueError(
            f"Expected keys of [{section}] among {', '.join(sorted(kinds))} in {where}; "
            f"received {', '.join(sorted(unknown))}. {meant(min(unknown), kinds)}Remove or rename "
            "them."
        )
    missing = required - set(values) - ({"kind"} if started else set())
    if missing and section == "start":
        raise ValueError(
            f"Expected the folder of a model that {where} starts from; received none. Pass "
            "--from FOLDER, or set start.folder."
        )
    if missing:
        raise ValueError(
            f"Expected {', '.join(missing)} in [{section}] of {where}; received "
            f"{', '.join(values) or 'no key'}. Add it."
        )
    if kinds is None:  # the keys are those of a kind of model, of which each has dropouts alike
        kinds = {key: PART for key in values if key.endswith("dropout")}
    for key, value in values.items():
        if key in kinds and not kinds[key].fits(value):
            raise ValueError(
                f"Expected {section}.{key} to be {kinds[key].words} in {where}; received "
                f"{value!r}. Correct the value."
            )
