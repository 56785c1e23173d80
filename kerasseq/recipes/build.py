"""Builds the objects that the sections of a recipe describe."""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterable

import keras

from kerasseq import decoding, models, text, training
from kerasseq.meant import meant
from kerasseq.recipes.corpora import make
from kerasseq.training.fine_tuning import layer_factors

if typing.TYPE_CHECKING:
    from kerasseq.data.parallel_text import ParallelText
    from kerasseq.decoding.search import Search
    from kerasseq.models.seq2seq import Seq2Seq
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.translator import Translator
    from kerasseq.text.tokenizer import Tokenizer

LONGEST = 100  # tokens a side of the batches, where a recipe does not say
MODELS = ("AttentionSeq2Seq", "RecurrentSeq2Seq", "Transformer")
ENCODERS = ("BertEncoder", "ModernBertEncoder", "RecurrentTextEncoder")
TOKENIZERS = {
    "character": "CharacterTokenizer",
    "sentencepiece": "SentencePieceTokenizer",
    "word": "WordTokenizer",
}
# Of tasks that read alone.
ENCODER_TOKENIZERS = TOKENIZERS | {"wordpiece": "WordPieceTokenizer"}
SCHEDULES = ("constant", "inverse_square_root", "cosine", "linear", "halving")
OPTIMIZERS = ("adam", "adamw", "sgd")


def build_tokenizers(recipe: Recipe, corpus: ParallelText) -> tuple[Tokenizer, Tokenizer]:
    """Trains the source and the target tokenizer of the tokenizer sections on `corpus`."""
    if "joint_tokenizer" in recipe:
        lines = (line for pair in corpus for line in pair)
        both = build_tokenizer(recipe["joint_tokenizer"], "joint_tokenizer", lines)
        return both, both
    return tuple(
        build_tokenizer(recipe[f"{side}_tokenizer"], f"{side}_tokenizer", lines)
        for side, lines in (("source", corpus.sources()), ("target", corpus.targets()))
    )


def build_tokenizer(
    section: dict[str, typing.Any],
    name: str,
    lines: Iterable[str],
    kinds: dict[str, str] = TOKENIZERS,
) -> Tokenizer:
    """Trains the tokenizer of a section.

    Args:
        section: dict of the section.
        name: str, the section's name, for messages.
        lines: iterable of str.
        kinds: dict from the kinds that it may be of to their classes' names.
    """
    options = dict(section)
    kind = options.pop("kind")
    _check_choice("a tokenizer", kind, kinds)
    train = getattr(text, kinds[kind]).train
    return make(name, options, lambda: train(lines, **options))


def build_model(
    section: dict[str, typing.Any], *sizes: int, kinds: Collection[str] = MODELS
) -> Seq2Seq:
    """Makes a new model of the `[model]` section.

    Args:
        section: dict of the section.
        *sizes: int, what the model is made for: its vocabularies, or the numbers of its steps.
        kinds: collection of str, the models that it may be.
    """
    options = dict(section)
    kind = options.pop("kind")
    _check_choice("a model", kind, kinds)
    new = getattr(models, kind)
    return make("model", options, lambda: new(*sizes, **options))


def build_encoder(section: dict[str, typing.Any], tokenizer: Tokenizer) -> keras.Model:
    """Makes a new text encoder of the `[encoder]` section, for what a tokenizer writes.

    Of a BERT the second segment begins after the tokenizer's separator.
    """
    options = dict(section)
    kind = options.pop("kind")
    _check_choice("an encoder", kind, ENCODERS)
    if kind == "BertEncoder":
        options.setdefault("separator_id", tokenizer.separator_id)
    new = getattr(models, kind)
    return make("encoder", options, lambda: new(tokenizer.vocabulary_size, **options))


def _check_choice(what, kind, known):
    if kind not in known:
        raise ValueError(
            f"Expected {what} of {', '.join(known)}; received {kind!r}. {meant(kind, known)}"
            "Choose one."
        )


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
    return make("search", options, lambda: decoding.get(description))


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
    _check_choice("a schedule", kind, SCHEDULES)
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


def build_optimizer(
    section: dict[str, typing.Any], steps: int, model: keras.Model | None = None
) -> keras.optimizers.Optimizer:
    """Makes the optimizer of the `[training]` section for a run of `steps` optimizer steps.

    It is `training.Adam`, all of whose weights decay where the section has a `weight_decay`; SGD;
    or "adamw", as BERT is fine-tuned (`FineTuningAdamW`): matrices alone decay, and with
    `layer_decay` the lower layers of `model` learn more slowly.

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
    _check_choice("an optimizer", kind, OPTIMIZERS)
    if kind == "sgd":
        return keras.optimizers.SGD(**options)
    options |= {
        "beta_2": section.get("beta_2", 0.999),
        "epsilon": section.get("epsilon", 1e-8),
    }
    decay = section.get("weight_decay", 0.0)
    if kind == "adamw":
        factors = layer_factors(model, section.get("layer_decay", 1.0))
        return training.FineTuningAdamW(weight_decay=decay, factors=factors, **options)
    return training.Adam(weight_decay=decay or None, **options)


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
