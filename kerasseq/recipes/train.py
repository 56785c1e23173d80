"""Training by a recipe, into a run folder."""

from __future__ import annotations

import csv
import json
import pathlib
import platform
import time
import typing
from collections.abc import Iterable

import keras
from keras import ops

from kerasseq.data import describe_batches
from kerasseq.files import write_file
from kerasseq.metrics.bleu_tokenizers import check_tokenize, warn_of_references
from kerasseq.recipes.build import (
    build_data,
    build_lengths,
    build_model,
    build_optimizer,
    build_search,
    build_tokenizers,
)
from kerasseq.recipes.callbacks import build_callbacks
from kerasseq.recipes.progress import Progress
from kerasseq.recipes.recipe import load_recipe, write_toml
from kerasseq.recipes.run_log import RunLog, heard
from kerasseq.recipes.start import check_origin, hash_weights, load_start, start_model
from kerasseq.tasks import Translator
from kerasseq.text import WordVectors, load_tokenizer
from kerasseq.training import CheckpointAverage, initialize_output_bias

if typing.TYPE_CHECKING:
    from rich.console import Console

    from kerasseq.files import AnyPath
    from kerasseq.recipes.sections import Recipe

EXAMPLES = 200
PACKAGES = (
    "kerasseq",
    "keras",
    "tensorflow",
    "tensorflow-text",
    "jax",
    "sentencepiece",
    "sacrebleu",
)


def train(
    recipe: Recipe,
    run: AnyPath,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    *,
    console: Console | None = None,
) -> Translator:
    """Trains a model, new or from the translator of `[start]`, or continues an interrupted run.

    The run folder gets `recipe.toml`, `environment.json`, `batches.json`, the tokenizers, a
    checkpoint an epoch, the weights with the best validation perplexity, `history.csv`,
    `log.txt`, and in the end the trained `translator`.

    Args:
        recipe: dict, from `load_recipe`.
        run: path of the run folder.
        callbacks: iterable of further Keras callbacks.
        console: rich.console.Console that shows the progress; None to show nothing.

    A finished run is not trained again.

    Returns:
        the trained Translator: the averaged weights if the recipe averages, the best epoch's
        otherwise.

    Raises:
        ValueError: for a folder with a run of another recipe; for a recipe that cannot work,
            before anything is written.
        FloatingPointError: when the loss is no longer finite.
    """
    run = pathlib.Path(run)
    _refuse_another(run, recipe)
    section, translation = recipe["training"], recipe.get("translation", {})
    check_tokenize(translation.get("bleu_tokenize", "13a"))
    keras.utils.set_random_seed(section.get("seed", 0))
    start, origin = _start(recipe, run)
    corpus = build_data(recipe["data"])
    source, target = _tokenizers(recipe, corpus.train, run, start)
    lengths = build_lengths(recipe, start)
    sizes = dict(recipe["batches"])
    if start and "max_length" not in sizes:
        sizes["max_length"] = lengths["max_source_length"], lengths["max_length"]
    warn_of_references(
        list(corpus.validation.targets()),
        translation.get("bleu_tokenize", "13a"),
        translation.get("lowercase", False),
        target.lowercase,
    )
    history = _read_history(run)
    # Without this, a run that continues would repeat the orders of its first epochs.
    order = section.get("seed", 0) + len(history)
    with heard() as of_train:
        batches = corpus.train.batches(
            source, target, shuffle=True, cache=True, seed=order, **sizes
        )
    with heard() as of_validation:
        validation = corpus.validation.batches(source, target, cache=True, **sizes)
    report = describe_batches(batches)
    if start:
        model = start_model(recipe, start)
    else:
        model = build_model(
            recipe["model"] | {"dtype": section.get("precision", "float32")},
            source.vocabulary_size,
            target.vocabulary_size,
        )
    covered = _load_vectors(recipe, model, source, target)
    if section.get("initialize_output_bias", False) and not history:
        initialize_output_bias(model, batches)
    search = start.search if start and "search" not in recipe else None
    translator = Translator(
        model,
        source,
        target,
        search=search or build_search(recipe.get("search", {})),
        **lengths,
        replace_unknown=translation.get("replace_unknown", bool(start and start.replace_unknown)),
        examples=corpus.validation.take(EXAMPLES).sources(),
    )
    model.compile(
        build_optimizer(section, report["batches"] * section["epochs"]),
        **translator.objective(section.get("label_smoothing", 0.0)),
    )
    _decode_one_token(translator)

    # The recipe is right so far as can be known before training: the folder becomes its run.
    _claim(run, recipe, translator, report, origin)
    log = RunLog(run, console)
    of_parts = [f"training: {line}" for line in of_train]
    of_parts += [f"validation: {line}" for line in of_validation]
    weights = ", ".join(f"{name} {sha[:12]}" for name, sha in origin.get("weights", {}).items())
    begun = [f"starts from {origin['folder']}: {weights}"] if start else []
    for line in [*begun, *covered, *of_parts]:
        log(line)
    log(
        f"{model.count_params():,} weights; {report['pairs']:,} pairs in {report['batches']:,} "
        f"batches of {len(report['shapes'])} shapes, {report['filled']:.1%} real tokens; "
        f"{len(history)} of {section['epochs']} epochs done"
    )
    # A run that stopped early is finished with fewer epochs than the recipe has.
    finished = (run / "translator" / "translator.json").is_file()
    if not finished and len(history) < section["epochs"]:
        started = time.time()
        progress = Progress(log)
        chosen = build_callbacks(
            recipe, run, progress, history, translator, corpus.validation, callbacks
        )
        with progress.bar:
            model.fit(
                batches,
                validation_data=validation,
                epochs=section["epochs"],
                callbacks=chosen,
                shuffle=False,
                verbose=0,
            )
        write_file(run / "seconds.txt", f"{time.time() - started:.0f}\n")
    elif section.get("average_last"):
        CheckpointAverage.load_mean(model, run / "epochs")
    if not section.get("average_last"):
        model.load_weights(run / "best.weights.h5")
    translator.save(run / "translator")
    return translator


def _refuse_another(run, recipe):
    """Refuses a folder with a run of another recipe."""
    path = run / "recipe.toml"
    if path.is_file() and load_recipe(path) != recipe:
        raise ValueError(
            f"Expected a run of this same recipe in {run}; received another recipe.toml "
            "there. Name a new folder, or remove the old run."
        )


def _load_vectors(recipe, model, source, target):
    """Loads the word vectors that a recipe names, and returns a line about the coverage of each."""
    covered = []
    for side, tokenizer in (("source", source), ("target", target)):
        if f"{side}_vectors" in recipe:
            options = dict(recipe[f"{side}_vectors"])
            trainable = options.pop("trainable", True)
            vectors = WordVectors.read(options.pop("path"), tokenizer, **options)
            getattr(model, f"{side}_embedding").load_vectors(vectors.table, trainable)
            covered.append(f"{side} vectors cover {vectors.coverage:.1%} of the vocabulary")
    return covered


def _decode_one_token(translator):
    """Decodes one token, so that a search or length that the model cannot use fails here."""
    source, symbols = translator.source, translator.processor.symbols
    ids = ops.convert_to_tensor([[source.unknown_id, source.end_id]], "int32")
    # The state has room for the longest translation.
    memory = translator.model.encode(ids)
    state = translator.model.initial_state(memory, translator.max_length)
    translator.search(translator.model.decode_step, memory, state, **symbols, max_length=1)


def _start(recipe, run):
    """The translator to start from or None, and where it comes from."""
    if "start" not in recipe:
        return None, {}
    folder = recipe["start"]["folder"]
    start = load_start(folder)
    origin = {"folder": folder, "weights": hash_weights(folder)}
    check_origin(run, origin)
    return start, origin


def _claim(run, recipe, translator, report, origin):
    """Writes the recipe, environment, tokenizers and batch statistics into the run folder."""
    write_file(run / "recipe.toml", write_toml(recipe))
    versions = {name: _version(name) for name in PACKAGES}
    environment = {
        "backend": keras.backend.backend(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": versions,
    } | ({"start": origin} if origin else {})
    write_file(run / "environment.json", json.dumps(environment, indent=1))
    translator.source.save(run / "source")
    translator.target.save(run / "target")
    shapes = [[*shape, count] for shape, count in report["shapes"].items()]
    write_file(run / "batches.json", json.dumps(report | {"shapes": shapes}, indent=1))


def _version(name):
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _tokenizers(recipe, corpus, run, start):
    """The run's tokenizers: those it starts from, those it continues with, or new ones."""
    if start:
        return start.source, start.target
    if (run / "target" / "tokenizer.json").is_file():
        return load_tokenizer(run / "source"), load_tokenizer(run / "target")
    return build_tokenizers(recipe, corpus)


def _read_history(run):
    """The epochs of a run so far: dicts of float, NaN for what was not measured."""
    path = run / "history.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return [{key: float(value or "nan") for key, value in row.items()} for row in rows]
