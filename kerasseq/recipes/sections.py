"""The sections of a recipe, their keys, and the kind of each value."""

from __future__ import annotations

import typing

Recipe: typing.TypeAlias = dict[str, dict[str, typing.Any]]


class Kind(typing.NamedTuple):
    """The kind of a value, in words and as a test: a function from the value to a bool."""

    words: str
    fits: typing.Callable


TEXT = Kind("text", lambda value: isinstance(value, str))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
WHOLE = Kind("a whole number of at least 0", lambda value: type(value) is int and value >= 0)
COUNT = Kind("a whole number of at least 1", lambda value: type(value) is int and value >= 1)
NUMBER = Kind("a number of at least 0", lambda value: type(value) in (int, float) and value >= 0)
ABOVE = Kind("a number above 0", lambda value: type(value) in (int, float) and value > 0)
SHARE = Kind("a share above 0, at most 1", lambda value: ABOVE.fits(value) and value <= 1)
TEXTS = Kind(
    "a list of texts",
    lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value),
)
NUMBERS = Kind(
    "a list of numbers above 0",
    lambda value: isinstance(value, list) and all(ABOVE.fits(each) for each in value),
)
FILES = Kind("a path, or a list of paths", lambda value: TEXT.fits(value) or TEXTS.fits(value))

TOKENIZER = {
    "kind": TEXT,
    "lowercase": FLAG,
    "split": TEXT,
    "joiners": FLAG,
    "min_frequency": COUNT,
    "vocabulary_size": COUNT,
    "model_type": TEXT,
    "character_coverage": SHARE,
    "normalization_rule_name": TEXT,
    "user_defined_symbols": TEXTS,
    "byte_fallback": FLAG,
    "keep_whitespace": FLAG,
    "sampling_alpha": ABOVE,
    "sampling_nbest": WHOLE,
}
VECTORS = {"path": TEXT, "kind": TEXT, "trainable": FLAG}
# At 0 an option is off. The keys of [model] depend on the model, which checks them itself.
SECTIONS = {
    "data": {
        "name": TEXT,
        "source": TEXT,
        "target": TEXT,
        "tokenized": FLAG,
        "joined": WHOLE,
        "train": FILES,
        "validation": FILES,
        "test": FILES,
        "train_source": FILES,
        "train_target": FILES,
        "validation_source": FILES,
        "validation_target": FILES,
        "test_source": FILES,
        "test_target": FILES,
        "encoding": TEXT,
        "keep_whitespace": FLAG,
        "prepared": TEXT,
    },
    "joint_tokenizer": TOKENIZER,
    "source_tokenizer": TOKENIZER,
    "target_tokenizer": TOKENIZER,
    "source_vectors": VECTORS,
    "target_vectors": VECTORS,
    "batches": {
        "batch_size": COUNT,
        "tokens_per_batch": COUNT,
        "max_length": COUNT,
        "weights": NUMBERS,
        "temperature": ABOVE,
    },
    "model": None,
    "training": {
        "epochs": COUNT,
        "seed": WHOLE,
        "precision": TEXT,
        "label_smoothing": NUMBER,
        "optimizer": TEXT,
        "accumulation_steps": COUNT,
        "rematerialize": FLAG,
        "learning_rate": ABOVE,
        "schedule": TEXT,
        "warmup_steps": WHOLE,
        "halve_after": NUMBER,
        "halve_every": ABOVE,
        "beta_2": NUMBER,
        "epsilon": NUMBER,
        "weight_decay": NUMBER,
        "clip_norm": NUMBER,
        "ema": NUMBER,
        "average_last": WHOLE,
        "initialize_output_bias": FLAG,
        "patience": WHOLE,
        "quality_every": WHOLE,
        "checkpoint_steps": WHOLE,
        "checkpoint_minutes": NUMBER,
        "deterministic": FLAG,
    },
    "search": {
        "kind": TEXT,
        "min_length": WHOLE,
        "return_attention": FLAG,
        "beam_size": COUNT,
        "n_best": COUNT,
        "length_penalty": NUMBER,
        "coverage_penalty": NUMBER,
        "length_offset": NUMBER,
        "early_stopping": FLAG,
        "force_end": FLAG,
        "no_repeat_ngram": WHOLE,
        "repetition_penalty": ABOVE,
        "max_length_ratio": NUMBER,
        "temperature": ABOVE,
        "top_k": WHOLE,
        "top_p": ABOVE,
        "num_samples": COUNT,
        "num_alternatives": COUNT,
        "seed": WHOLE,
    },
    "translation": {
        "max_length": COUNT,
        "max_source_length": COUNT,
        "bleu_tokenize": TEXT,
        "lowercase": FLAG,
        "replace_unknown": FLAG,
    },
    "start": {"folder": TEXT},
}
REQUIRED = {
    "joint_tokenizer": {"kind"},
    "source_tokenizer": {"kind"},
    "target_tokenizer": {"kind"},
    "source_vectors": {"path"},
    "target_vectors": {"path"},
    "model": {"kind"},
    "training": {"epochs"},
    "start": {"folder"},
}


def check_sections(recipe: Recipe, where: str) -> None:
    """Refuses a recipe with a wrong section, key or value, or without one that it needs.

    Args:
        recipe: dict of sections.
        where: str, the recipe's name or path.

    Raises:
        ValueError: names the section, key or value.
    """
    for section, values in recipe.items():
        if section not in SECTIONS or not isinstance(values, dict):
            raise ValueError(
                f"Expected the sections {', '.join(SECTIONS)} in {where}; received {section!r}. "
                "Remove or rename it."
            )
        _check_keys(section, values, where, started="start" in recipe)
    tokenizers = {name for name in recipe if name.endswith("tokenizer")}
    allowed = [{"joint_tokenizer"}, {"source_tokenizer", "target_tokenizer"}]
    if "start" in recipe:  # from a translator, with its model and its tokenizers
        allowed.append(set())
    if tokenizers not in allowed:
        raise ValueError(
            "Expected a [joint_tokenizer], or a [source_tokenizer] and a [target_tokenizer] in "
            f"{where}; received {', '.join(sorted(tokenizers)) or 'none'}. Name one or both."
        )
    needed = ["data", "batches", *(["model"] if "start" not in recipe else []), "training"]
    missing = set(needed) - set(recipe)
    if missing:
        raise ValueError(
            f"Expected all of {', '.join(needed)} in {where}; missing "
            f"{', '.join(sorted(missing))}. Add the sections."
        )
    trained = recipe["batches"].get("max_length", 0)
    read = recipe.get("translation", {}).get("max_source_length", trained)
    if read < trained:
        raise ValueError(
            f"Expected translation.max_source_length of at least batches.max_length, {trained} "
            f"tokens, in {where}: what training reads, the translator reads; received {read}. "
            "Leave it out, or lower batches.max_length."
        )


def _check_keys(section, values, where, started):
    """Refuses a section with a wrong key, without a needed one, or with a wrong value."""
    kinds = SECTIONS[section]
    unknown = set(values) - set(kinds) if kinds else set()
    if unknown:
        raise ValueError(
            f"Expected keys of [{section}] among {', '.join(sorted(kinds))} in {where}; "
            f"received {', '.join(sorted(unknown))}. Remove or rename them."
        )
    missing = REQUIRED.get(section, set()) - set(values) - ({"kind"} if started else set())
    if missing and section == "start":
        raise ValueError(
            f"Expected the folder of a translator that {where} starts from; received none. Pass "
            "--from FOLDER, or set start.folder."
        )
    if missing:
        raise ValueError(
            f"Expected {', '.join(missing)} in [{section}] of {where}; received "
            f"{', '.join(values) or 'no key'}. Add it."
        )
    for key, value in values.items():
        if kinds and not kinds[key].fits(value):
            raise ValueError(
                f"Expected {section}.{key} to be {kinds[key].words} in {where}; received "
                f"{value!r}. Correct the value."
            )
