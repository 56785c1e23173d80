"""Recipe files: everything that a run depends on, in TOML."""

import pathlib
import tomllib

FOLDER = pathlib.Path(__file__).parent
TOKENIZER = {"kind", "lowercase", "split", "min_frequency", "vocabulary_size", "model_type"}
SECTIONS = {
    "data": {
        "name", "source", "target", "tokenized", "joined",
        "train_source", "train_target", "validation_source", "validation_target",
        "test_source", "test_target",
    },
    "joint_tokenizer": TOKENIZER,
    "source_tokenizer": TOKENIZER,
    "target_tokenizer": TOKENIZER,
    "source_vectors": {"path", "kind", "trainable"},
    "target_vectors": {"path", "kind", "trainable"},
    "batches": {"batch_size", "tokens_per_batch", "max_length"},
    "model": None,
    "training": {
        "epochs", "seed", "precision", "label_smoothing", "optimizer", "learning_rate",
        "schedule", "warmup_steps", "halve_after", "halve_every", "beta_2", "epsilon",
        "weight_decay", "clip_norm", "ema", "average_last", "patience", "quality_every",
    },
    "search": None,
    "translation": {"max_length", "replace_unknown", "bleu_tokenize", "lowercase"},
}  # fmt: skip


def names():
    """The names of the recipes that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_recipe(name, overrides=()):
    """Reads a recipe.

    Args:
        name: str, one of `names()`, or the path of a TOML file.
        overrides: iterable of `"section.key=value"`, the value as in TOML.

    Returns:
        dict of sections, each a dict.

    Raises:
        FileNotFoundError: for an unknown name.
        ValueError: for a file that is not TOML, or an unknown section or key.
    """
    path = FOLDER / f"{name}.toml" if str(name) in names() else pathlib.Path(name)
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected a recipe of {', '.join(names())} or a TOML file; received {name!r}. "
            "Check the name or the path."
        )
    recipe = _parse(path.read_text(encoding="utf-8"), str(path))
    for override in overrides:
        key, _, value = override.partition("=")
        section, _, key = key.strip().partition(".")
        if not key or not value:
            raise ValueError(
                f"Expected an override section.key=value; received {override!r}. For instance "
                "training.epochs=3."
            )
        try:
            value = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            value = value.strip()
        recipe.setdefault(section, {})[key] = value
    _check(recipe, str(name))
    return recipe


def _parse(text, where):
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"Expected TOML in {where}; received an error: {error}.") from error


def _check(recipe, where):
    for section, values in recipe.items():
        if section not in SECTIONS or not isinstance(values, dict):
            raise ValueError(
                f"Expected the sections {', '.join(SECTIONS)} in {where}; received {section!r}. "
                "Remove or rename it."
            )
        known = SECTIONS[section]
        unknown = set(values) - known if known is not None else set()
        if unknown:
            raise ValueError(
                f"Expected keys of [{section}] among {', '.join(sorted(known))} in {where}; "
                f"received {', '.join(sorted(unknown))}. Remove or rename them."
            )
    tokenizers = {name for name in recipe if name.endswith("tokenizer")}
    if tokenizers not in ({"joint_tokenizer"}, {"source_tokenizer", "target_tokenizer"}):
        raise ValueError(
            "Expected a [joint_tokenizer], or a [source_tokenizer] and a [target_tokenizer] in "
            f"{where}; received {', '.join(sorted(tokenizers)) or 'none'}. Name one or both."
        )
    missing = {"data", "batches", "model", "training"} - set(recipe)
    if missing:
        raise ValueError(
            f"Expected all of data, batches, model, training in {where}; missing "
            f"{', '.join(sorted(missing))}. Add the sections."
        )


def write_toml(recipe):
    """A recipe as TOML text, which `load_recipe` reads back to the same dict."""
    lines = []
    for section, values in recipe.items():
        lines.append(f"[{section}]")
        for key, value in values.items():
            if isinstance(value, bool):
                shown = str(value).lower()
            elif isinstance(value, str):
                escaped = value.replace("\\", "\\\\").replace('"', '\\"')
                shown = f'"{escaped}"'
            else:
                shown = repr(value)
            lines.append(f"{key} = {shown}")
        lines.append("")
    return "\n".join(lines)
