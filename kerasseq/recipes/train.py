"""Training a recipe into a run folder."""

import csv
import json
import pathlib
import platform
import time

import keras

from kerasseq.data import describe_batches
from kerasseq.files import write_file
from kerasseq.metrics import Perplexity, TokenAccuracy
from kerasseq.recipes.build import (
    build_data,
    build_model,
    build_optimizer,
    build_search,
    build_tokenizers,
)
from kerasseq.recipes.progress import Progress
from kerasseq.recipes.recipe import write_toml
from kerasseq.recipes.run_log import RunLog
from kerasseq.tasks import Translator
from kerasseq.text import WordVectors, load_tokenizer
from kerasseq.training import CorpusQuality, FiniteLoss, SequenceCrossentropy, WeightAverage

EXAMPLES = 200


def train(recipe, run, callbacks=(), console=None):
    """Trains a model, or goes on where an interrupted run stopped.

    The run folder gets `recipe.toml`, `environment.json`, `batches.json`, the tokenizers, a
    checkpoint an epoch, the weights with the best validation perplexity, `history.csv`,
    `log.txt`, and in the end the trained `translator`.

    Args:
        recipe: dict, from `load_recipe`.
        run: path of the run folder.
        callbacks: iterable of further Keras callbacks.
        console: rich.console.Console that shows the progress; None to show nothing.

    Returns:
        the trained Translator: the averaged weights if the recipe averages, the best epoch's
        otherwise.

    Raises:
        ValueError: when the folder holds a run of another recipe.
        FloatingPointError: when the loss is no longer finite.
    """
    run = pathlib.Path(run)
    _claim(run, recipe)
    log = RunLog(run, console)
    section = recipe["training"]
    keras.utils.set_random_seed(section.get("seed", 0))
    precision = section.get("precision", "float32")
    corpus = build_data(recipe["data"])
    source, target = _tokenizers(recipe, corpus.train, run)
    history = _read_history(run)
    # A run that goes on would otherwise meet the orders of its first epochs once more.
    order = section.get("seed", 0) + len(history)
    batches = corpus.train.batches(
        source, target, shuffle=True, cache=True, seed=order, **recipe["batches"]
    )
    validation = corpus.validation.batches(source, target, cache=True, **recipe["batches"])
    report = describe_batches(batches)
    shapes = [[*shape, count] for shape, count in report["shapes"].items()]
    write_file(run / "batches.json", json.dumps(report | {"shapes": shapes}, indent=1))
    steps = report["batches"] * section["epochs"]

    model = build_model(
        recipe["model"] | {"dtype": precision}, source.vocabulary_size, target.vocabulary_size
    )
    for side, tokenizer in (("source", source), ("target", target)):
        if f"{side}_vectors" in recipe:
            options = dict(recipe[f"{side}_vectors"])
            trainable = options.pop("trainable", True)
            vectors = WordVectors.read(options.pop("path"), tokenizer, **options)
            getattr(model, f"{side}_embedding").load_vectors(vectors.table, trainable)
            log(f"{side} vectors cover {vectors.coverage:.1%} of the vocabulary")
    model.compile(
        optimizer=build_optimizer(section, steps),
        loss=SequenceCrossentropy(section.get("label_smoothing", 0.0)),
        weighted_metrics=[Perplexity(), TokenAccuracy()],
    )
    translation = recipe.get("translation", {})
    translator = Translator(
        model,
        source,
        target,
        search=build_search(recipe.get("search", {})),
        max_length=translation.get("max_length", 100),
        replace_unknown=translation.get("replace_unknown", False),
        examples=corpus.validation.take(EXAMPLES).sources(),
    )
    log(
        f"{model.count_params():,} weights; {report['pairs']:,} pairs in {report['batches']:,} "
        f"batches of {len(shapes)} shapes, {report['filled']:.1%} real tokens; "
        f"{len(history)} of {section['epochs']} epochs done"
    )
    chosen = [FiniteLoss(), Progress(log)]
    if section.get("quality_every"):
        chosen.append(
            CorpusQuality(
                translator,
                corpus.validation,
                section["quality_every"],
                translation.get("bleu_tokenize", "13a"),
                translation.get("lowercase", False),
            )
        )
    chosen += [
        keras.callbacks.ModelCheckpoint(
            run / "best.weights.h5",
            monitor="val_perplexity",
            mode="min",
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=min((row["val_perplexity"] for row in history), default=None),
        ),
        keras.callbacks.CSVLogger(run / "history.csv", append=True),
        *callbacks,
    ]
    if section.get("average_last"):
        chosen.append(WeightAverage(run / "epochs", section["average_last"]))
    if section.get("ema"):
        chosen.append(keras.callbacks.SwapEMAWeights(swap_on_epoch=True))
    if section.get("patience"):
        chosen.append(
            keras.callbacks.EarlyStopping("val_perplexity", 0, section["patience"], mode="min")
        )
    chosen.append(
        keras.callbacks.BackupAndRestore(
            run / "checkpoint", double_checkpoint=True, delete_checkpoint=False
        )
    )
    if len(history) < section["epochs"]:
        started = time.time()
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
        WeightAverage.load_mean(model, run / "epochs")
    if not section.get("average_last"):
        model.load_weights(run / "best.weights.h5")
    translator.save(run / "translator")
    return translator


def _claim(run, recipe):
    """Writes the recipe into a new run folder, or checks it against the one there."""
    path = run / "recipe.toml"
    text = write_toml(recipe)
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        raise ValueError(
            f"Expected {run} to hold a run of this same recipe; received another recipe.toml "
            "there. Name a new folder, or remove the old run."
        )
    write_file(path, text)
    versions = {name: _version(name) for name in ("keras", "tensorflow", "jax", "kerasseq")}
    environment = {
        "backend": keras.backend.backend(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": versions,
    }
    write_file(run / "environment.json", json.dumps(environment, indent=1))


def _version(name):
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _tokenizers(recipe, corpus, run):
    """The run's tokenizers: trained once, then loaded again when the run goes on."""
    if not (run / "target" / "tokenizer.json").is_file():
        for tokenizer, side in zip(
            build_tokenizers(recipe, corpus), ("source", "target"), strict=True
        ):
            tokenizer.save(run / side)
    return load_tokenizer(run / "source"), load_tokenizer(run / "target")


def _read_history(run):
    path = run / "history.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
