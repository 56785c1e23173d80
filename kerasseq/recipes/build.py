"""Builds the objects that the sections of a recipe describe."""

from __future__ import annotations

import glob
import pathlib
import typing
from collections.abc import Iterable

import keras

from kerasseq import data, decoding, models, text, training
from kerasseq.data.dataset import Dataset

if typing.TYPE_CHECKING:
    from kerasseq.data.parallel_text import ParallelText
    from kerasseq.decoding.search import Search
    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.translator import Translator
    from kerasseq.text.tokenizer import Tokenizer

PARTS = ("train", "validation", "test")
LONGEST = 100  # tokens a side of the batches, where a recipe does not say
MODELS = ("AttentionSeq2Seq", "RecurrentSeq2Seq", "Transformer")
TOKENIZERS = {
    "character": "CharacterTokenizer",
    "sentencepiece": "SentencePieceTokenizer",
    "word": "WordTokenizer",
}


def build_data(section: dict[str, typing.Any], parts: Iterable[str] = PARTS) -> Dataset:
    """Makes a Dataset of the `[data]` section; `test` is None for files without a test part.

    The user's files are two of lines a part (`train_source`, `train_target`), or a table (`train`)
    with the columns `source` and `target`. A list of files, or a pattern such as "parts/*.tsv",
    stands for all of them, one after the other.

    With `joined`, each part also gets runs of up to that many consecutive pairs, joined to one.

    Args:
        section: dict.
        parts: iterable of str; other parts of the user's files are None, and are not read.
    """
    section = {key: value for key, value in section.items() if key != "prepared"}
    joined = section.pop("joined", None)
    if joined:
        found = build_data(section, parts)
        each = (found.train, found.validation, found.test)
        return Dataset(*(part and part.with_joined(joined) for part in each), found.attribution)
    if "name" in section:
        return _make("data", section, lambda: data.load(**section))
    found = [_part(section, part) if part in parts else None for part in PARTS]
    return Dataset(*found, "the user's files")


def training_files(section: dict[str, typing.Any]) -> list[pathlib.Path]:
    """The user's files that a `[data]` section names for training, patterns resolved."""
    names = ("train", "train_source", "train_target")
    return [
        path for name in names if name in section for run in _paths(section, name) for path in run
    ]


def _part(section, part):
    """A part of the user's files: a table, or two files of lines; None for a test that is not
    there."""
    options = {"encoding": section["encoding"]} if "encoding" in section else {}
    lines = section.get(f"{part}_source"), section.get(f"{part}_target")
    if part in section:
        if any(lines) or not {"source", "target"} <= {*section}:
            raise ValueError(
                f"Expected source and target, columns of data.{part}, and no file of lines beside "
                f"it; received {sorted(section)}. Name the columns."
            )
        columns = section["source"], section["target"]
        runs = [
            [data.ParallelText.from_table(path, *columns, **options) for path in paths]
            for paths in _paths(section, part)
        ]
    elif all(lines):
        runs = _pairs_of_lines(section, part, options)
    elif part == "test" and not any(lines):
        return None
    else:
        raise ValueError(
            f"Expected [data] to name a data set, a table {part}, or {part}_source and "
            f"{part}_target; received {sorted(section)}. Add the paths."
        )
    # A name of the list is one part, which [batches] may weigh, whatever its pattern finds.
    found = _together([_together(run) for run in runs])
    return found.with_whitespace() if section.get("keep_whitespace") else found


def _pairs_of_lines(section, part, options):
    sources, targets = (_paths(section, f"{part}_{side}") for side in ("source", "target"))
    if [*map(len, sources)] != [*map(len, targets)]:
        raise ValueError(
            f"Expected a file of data.{part}_target for each of data.{part}_source; received "
            f"{[*map(len, targets)]} for {[*map(len, sources)]}. Name them in one order."
        )
    return [
        [data.ParallelText.from_files(*pair, **options) for pair in zip(*run, strict=True)]
        for run in zip(sources, targets, strict=True)
    ]


def _together(corpora):
    return corpora[0] if len(corpora) == 1 else data.ParallelText.concatenate(corpora)


def _paths(section, name):
    """The files of each name, or pattern, that a key of `[data]` lists."""
    value, found = section[name], []
    for each in value if isinstance(value, list) else [value]:
        pattern = glob.has_magic(each) and not pathlib.Path(each).is_file()
        found.append(
            sorted(map(pathlib.Path, glob.glob(each))) if pattern else [pathlib.Path(each)]
        )
        if not found[-1]:
            raise FileNotFoundError(
                f"Expected files of the pattern data.{name}, {each}; received none. Check the "
                "folder and the pattern."
            )
    return found


def build_tokenizers(recipe: Recipe, corpus: ParallelText) -> tuple[Tokenizer, Tokenizer]:
    """Trains the source and the target tokenizer of the tokenizer sections on `corpus`."""
    if "joint_tokenizer" in recipe:
        both = _tokenizer(recipe, "joint_tokenizer", (line for pair in corpus for line in pair))
        return both, both
    return (
        _tokenizer(recipe, "source_tokenizer", corpus.sources()),
        _tokenizer(recipe, "target_tokenizer", corpus.targets()),
    )


def _tokenizer(recipe, section, lines):
    options = dict(recipe[section])
    kind = options.pop("kind")
    if kind not in TOKENIZERS:
        raise ValueError(
            f"Expected a tokenizer of {', '.join(TOKENIZERS)}; received {kind!r}. Choose one."
        )
    train = getattr(text, TOKENIZERS[kind]).train
    return _make(section, options, lambda: train(lines, **options))


def build_model(section: dict[str, typing.Any], source_size: int, target_size: int) -> Seq2Seq:
    """Makes a new model of the `[model]` section."""
    options = dict(section)
    kind = options.pop("kind")
    if kind not in MODELS:
        raise ValueError(f"Expected a model of {', '.join(MODELS)}; received {kind!r}. Choose one.")
    new = getattr(models, kind)
    return _make("model", options, lambda: new(source_size, target_size, **options))


def build_lengths(recipe: Recipe, start: Translator | None = None) -> dict[str, int]:
    """The most tokens that the translator writes and reads: those of the batches, unless
    `[translation]` has its own; where neither says, those of the translator to start from."""
    names, longest = ("max_length", "max_source_length"), recipe["batches"].get("max_length")
    if start is not None and longest is None:
        usual = {name: getattr(start, name) for name in names}
    else:
        usual = dict.fromkeys(names, longest or LONGEST)
    section = recipe.get("translation", {})
    return {name: section.get(name, usual[name]) for name in names}


def build_search(section: dict[str, typing.Any]) -> Search:
    """Makes a search of the `[search]` section; greedy by default."""
    options = dict(section)
    description = {"class_name": options.pop("kind", "greedy"), "config": options}
    return _make("search", options, lambda: decoding.get(description))


def _make(section, options, make):
    """Calls `make`; an error about its options gets the name of their section."""
    try:
        return make()
    except TypeError as error:
        received = ", ".join(f"{key}={value!r}" for key, value in options.items())
        raise ValueError(
            f"Expected options of its kind in [{section}]; received {received or 'nothing'} "
            f"({error}). Correct the section."
        ) from error


def count_steps(section: dict[str, typing.Any], batches: int) -> int:
    """The optimizer's steps in a run of so many batches an epoch, by the `[training]` section."""
    return -(-batches // section.get("accumulation_steps", 1)) * section["epochs"]


def build_schedule(
    section: dict[str, typing.Any], steps: int
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Makes the learning rate of the `[training]` section for a run of `steps` optimizer steps."""
    peak = section.get("learning_rate", 1e-3)
    warmup, epochs = section.get("warmup_steps", 0), section["epochs"]
    kind = section.get("schedule", "constant")
    if warmup >= steps:
        raise ValueError(
            f"Expected warmup_steps below the {steps} steps of the run; received {warmup}. "
            "Lower it, or train for more epochs."
        )
    if kind == "inverse_square_root":
        return training.InverseSquareRoot(peak, warmup)
    if kind == "linear":
        return training.LinearWarmupDecay(peak, steps, section.get("warmup_steps", steps // 10))
    if kind == "cosine":
        return (
            keras.optimizers.schedules.CosineDecay(
                0.0 if warmup else peak, steps - warmup, warmup_target=peak, warmup_steps=warmup
            )
            if warmup
            else keras.optimizers.schedules.CosineDecay(peak, steps)
        )
    if kind == "halving":
        if not {"halve_after", "halve_every"} <= set(section):
            raise ValueError(
                "Expected training.halve_after and training.halve_every with the schedule halving; "
                f"received {', '.join(section)}. Add both, in epochs."
            )
        peak = halving(peak, section["halve_after"], section["halve_every"], epochs, steps)
    elif kind != "constant":
        raise ValueError(
            "Expected a schedule of constant, inverse_square_root, cosine, linear, halving; "
            f"received {kind!r}. Choose one."
        )
    return training.LinearWarmup(peak, warmup) if warmup else peak


def halving(
    peak: float, after: float, every: float, epochs: int, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """A constant rate that is halved at epoch `after`, and then every `every` epochs.

    Sutskever et al. 2014 (section 3.4): 0.7, halved every half epoch after the fifth.
    """
    times = int((epochs - after) / every) + 1
    boundaries = [round((after + i * every) * steps / epochs) for i in range(times)]
    rates = [peak / 2**i for i in range(times + 1)]
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, rates)


def build_optimizer(section: dict[str, typing.Any], steps: int) -> keras.optimizers.Optimizer:
    """Makes the optimizer of the `[training]` section: Adam, AdamW (`weight_decay`) or SGD.

    Args:
        section: dict.
        steps: int, of the optimizer in the run.

    Raises:
        ValueError: for another optimizer, or what cannot be accumulated.
    """
    rate, parts = build_schedule(section, steps), section.get("accumulation_steps", 1)
    options = {
        "learning_rate": rate,
        "global_clipnorm": section.get("clip_norm"),
    }
    if parts > 1:
        _check_accumulation(section)
        options["gradient_accumulation_steps"] = parts
        if callable(rate):
            options["learning_rate"] = training.AccumulatedSchedule(rate, parts)
    if section.get("ema"):
        options |= {"use_ema": True, "ema_momentum": section["ema"]}
    kind = section.get("optimizer", "adam")
    if kind == "sgd":
        return keras.optimizers.SGD(**options)
    if kind != "adam":
        raise ValueError(f"Expected an optimizer of adam, sgd; received {kind!r}. Choose one.")
    options |= {
        "beta_2": section.get("beta_2", 0.999),
        "epsilon": section.get("epsilon", 1e-8),
    }
    if section.get("weight_decay"):
        return keras.optimizers.AdamW(weight_decay=section["weight_decay"], **options)
    return keras.optimizers.Adam(**options)


def _check_accumulation(section):
    """Refuses what would not be the same of several small batches as of a large one."""
    if section.get("ema"):
        raise ValueError(
            "Expected training.accumulation_steps without training.ema, whose average Keras moves "
            f"at every batch; received ema={section['ema']}. Leave one of them out."
        )
    if section.get("precision") == "mixed_float16":
        raise ValueError(
            "Expected training.accumulation_steps in float32 or mixed_bfloat16; received "
            "mixed_float16, of which single batches are left out of a step when their gradients "
            "overflow. Choose another precision."
        )
