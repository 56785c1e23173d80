"""The sections of a recipe for each kind of task, their keys, and the kind of each value."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable

from kerasseq.recipes.corpora import KEYS
from kerasseq.recipes.kinds import (
    ABOVE,
    COLUMNS,
    COUNT,
    FLAG,
    HEAD,
    LABELS,
    NUMBER,
    NUMBERS,
    PART,
    PATHS,
    SHARE,
    TEXT,
    TEXTS,
    WHOLE,
    Kind,
)

Recipe: typing.TypeAlias = dict[str, dict[str, typing.Any]]
# By section the kinds of its keys; None where another checks them.
Sections: typing.TypeAlias = "dict[str, dict[str, Kind] | None]"

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
FILES = {
    "folder": TEXT,
    "train": TEXT,
    "validation": TEXT,
    "test": TEXT,
    "validation_share": PART,
    "test_share": PART,
    "split_seed": WHOLE,
    "encoding": TEXT,
}
TRAINING = {
    "epochs": COUNT,
    "seed": WHOLE,
    "precision": TEXT,
    "optimizer": TEXT,
    "learning_rate": ABOVE,
    "schedule": TEXT,
    "warmup_steps": WHOLE,
    "halve_after": NUMBER,
    "halve_every": ABOVE,
    "beta_2": NUMBER,
    "epsilon": NUMBER,
    "weight_decay": NUMBER,
    "layer_decay": SHARE,
    "clip_norm": NUMBER,
    "ema": NUMBER,
    "average_last": WHOLE,
    "patience": WHOLE,
    "checkpoint_steps": WHOLE,
    "checkpoint_minutes": NUMBER,
    "deterministic": FLAG,
}
# At 0 an option is off. The keys of a model depend on its kind, which checks them itself.
TRANSLATOR: Sections = {
    "task": {"kind": TEXT},
    "data": FILES
    | {
        "name": TEXT,
        "source": TEXT,
        "target": TEXT,
        "keep_whitespace": FLAG,
        "tokenized": FLAG,
        "joined": WHOLE,
        "prepared": TEXT,
    }
    | dict.fromkeys(KEYS, PATHS),
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
    "training": TRAINING
    | {
        "label_smoothing": NUMBER,
        "initialize_output_bias": FLAG,
        "quality_every": WHOLE,
        "accumulation_steps": COUNT,
        "rematerialize": FLAG,
    },
    "search": {
        "kind": TEXT,
        "min_length": WHOLE,
        "return_attention": FLAG,
        "beam_size": COUNT,
        "n_best": COUNT,
        "groups": COUNT,
        "diversity": NUMBER,
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
TASK = {"kind": TEXT, "max_length": COUNT}
ROWS = FILES | {"columns": COLUMNS}
ENCODER_TASK: Sections = {
    "task": TASK,
    "data": ROWS,
    "tokenizer": TOKENIZER,
    "vectors": VECTORS | {"words": COUNT},
    "batches": {"batch_size": COUNT},
    "encoder": None,
    "model": None,
    "training": TRAINING,
    "start": {"folder": TEXT, "head": HEAD},
}
# By the name of the task. The first is what a recipe without [task] trains.
SECTIONS: dict[str, Sections] = {
    "translator": TRANSLATOR,
    "classifier": ENCODER_TASK
    | {
        "task": TASK | {"labels": LABELS},
        "data": ROWS | {"keep_whitespace": FLAG},
    },
    "tagger": ENCODER_TASK,
    "span_finder": ENCODER_TASK
    | {"task": TASK | {"overlap": WHOLE, "longest": COUNT, "always_answers": FLAG}},
}
REQUIRED = {
    "task": {"kind"},
    "joint_tokenizer": {"kind"},
    "source_tokenizer": {"kind"},
    "target_tokenizer": {"kind"},
    "source_vectors": {"path"},
    "target_vectors": {"path"},
    "vectors": {"path"},
    "training": {"epochs"},
    "start": {"folder"},
}
# What a new model is made of; a run that starts from a task has it.
NEW = {"translator": ("model",)}
NEW |= dict.fromkeys(("classifier", "tagger", "span_finder"), ("tokenizer", "encoder"))


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
        _check_keys(section, values, where, sections[section], required, "start" in recipe)
    _check_parts(recipe, where)
    if kind_of(recipe) == "translator":
        _check_sides(recipe, where)


def meant(name: object, known: Iterable[str]) -> str:
    """The name that was likely meant, as a question and a space; nothing where none is near."""
    close = difflib.get_close_matches(str(name), list(known), 1)
    return f"Did you mean {close[0]}? " if close else ""


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
    for key, value in values.items():
        if kinds and not kinds[key].fits(value):
            raise ValueError(
                f"Expected {section}.{key} to be {kinds[key].words} in {where}; received "
                f"{value!r}. Correct the value."
            )
