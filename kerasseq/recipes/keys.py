"""The sections of a recipe for each kind of task, their keys, and the kind of each value."""

from __future__ import annotations

import typing

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
    TOO_LONG,
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
SEARCH = {
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
        "alignments": TEXT,
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
        "too_long": TOO_LONG,
        "weights": NUMBERS,
        "temperature": ABOVE,
    },
    "model": None,
    "training": TRAINING
    | {
        "label_smoothing": NUMBER,
        "r_drop": NUMBER,
        "initialize_output_bias": FLAG,
        "quality_every": WHOLE,
        "accumulation_steps": COUNT,
        "rematerialize": FLAG,
        "guided_alignment": ABOVE,
    },
    "search": SEARCH,
    "translation": {
        "max_length": COUNT,
        "max_source_length": COUNT,
        "bleu_tokenize": TEXT,
        "lowercase": FLAG,
        "rouge": FLAG,
        "replace_unknown": FLAG,
    },
    "start": {"folder": TEXT},
}
TASK = {"kind": TEXT, "max_length": COUNT}
ROWS = FILES | {"columns": COLUMNS}
# Of images and series no seed draws a part.
UNDRAWN = {key: kind for key, kind in FILES.items() if key != "split_seed"}
CAPTIONER: Sections = {
    "task": TASK | {"bleu_tokenize": TEXT, "lowercase": FLAG},
    "data": UNDRAWN | {"columns": COLUMNS, "name": TEXT, "language": TEXT, "images": TEXT},
    "tokenizer": TOKENIZER,
    "batches": {"batch_size": COUNT, "augment": FLAG},
    "model": None,
    "training": TRAINING | {"label_smoothing": NUMBER, "quality_every": WHOLE},
    "search": SEARCH,
    "start": {"folder": TEXT},
}
FORECASTER: Sections = {
    "task": {"kind": TEXT, "length": COUNT, "horizon": COUNT},
    "data": UNDRAWN | {"values": COLUMNS, "features": COLUMNS},
    "batches": {"batch_size": COUNT},
    "model": None,
    "training": TRAINING,
    "start": {"folder": TEXT},
}
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
    "captioner": CAPTIONER,
    "forecaster": FORECASTER,
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
NEW = {
    "translator": ("model",),
    "captioner": ("tokenizer", "model"),
    "forecaster": ("model",),
}
NEW |= dict.fromkeys(("classifier", "tagger", "span_finder"), ("tokenizer", "encoder"))
# What a forecaster reads and says: a model does not tell.
SIZES = {"forecaster": {"task": {"length", "horizon"}, "data": {"values"}}}
