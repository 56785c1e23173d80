"""Training by a recipe, into a run folder."""

from __future__ import annotations

import pathlib
import time
import typing
from collections.abc import Iterable

import keras
from keras import ops

from kerasseq.compiled import deterministic
from kerasseq.data import describe_batches
from kerasseq.data.accumulated_batches import accumulated_batches, counted_batches
from kerasseq.files import write_file
from kerasseq.folder_lock import lock, unlock
from kerasseq.metrics.bleu_tokenizers import check_tokenize, warn_of_references
from kerasseq.models import Transformer
from kerasseq.recipes.build import (
    PARTS,
    build_data,
    build_lengths,
    build_model,
    build_optimizer,
    build_search,
    build_tokenizers,
    count_steps,
)
from kerasseq.recipes.callbacks import build_callbacks
from kerasseq.recipes.prepare import prepare
from kerasseq.recipes.progress import Progress
from kerasseq.recipes.run_folder import claim, refuse_another, what_a_run_depends_on
from kerasseq.recipes.run_log import RunLog, heard
from kerasseq.recipes.start import check_origin, hash_weights, load_start, start_model
from kerasseq.saved_models import model_folder
from kerasseq.tasks import Translator
from kerasseq.text import WordVectors, load_tokenizer
from kerasseq.training import initialize_output_bias

if typing.TYPE_CHECKING:
    from rich.console import Console

    from kerasseq.files import AnyPath
    from kerasseq.recipes.sections import Recipe

EXAMPLES = 200


def train(
    recipe: Recipe,
    run: AnyPath,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    *,
    console: Console | None = None,
) -> Translator:
    """Trains a model, new or from the translator of `[start]`, or continues an interrupted run.

    The run folder gets `recipe.toml`, `environment.json`, `batches.json`, the tokenizers,
    `checkpoints` (see `kerasseq.training.ExactResume`), the weights with the best validation
    perplexity or those to average, `history.csv`, `log.txt`, and in the end the trained
    `translator`.

    Args:
        recipe: dict, from `load_recipe`.
        run: path of the run folder.
        callbacks: iterable of further Keras callbacks.
        console: rich.console.Console that shows the progress; None to show nothing.

    A run that was killed goes on where its last checkpoint is; with `training.deterministic` it
    ends as one that was not, bit for bit. A finished run is not trained again.

    Returns:
        the trained Translator: the averaged weights if the recipe averages, the best epoch's
        otherwise.

    Raises:
        ValueError: for a folder with a run of another recipe, of other data or tokenizers, or with
            damaged checkpoints alone; for a recipe that cannot work, before anything is written.
        BlockingIOError: when another process trains in the folder.
        FloatingPointError: when the loss is no longer finite.
    """
    run = pathlib.Path(run)
    refuse_another(run, recipe)
    section, translation = recipe["training"], recipe.get("translation", {})
    parts = section.get("accumulation_steps", 1)
    check_tokenize(translation.get("bleu_tokenize", "13a"))
    if section.get("deterministic", False):
        deterministic()
    start, origin = _start(recipe, run)
    if (run / "translator" / "translator.json").is_file():
        return Translator.load(run / "translator")
    prepared = prepare(recipe, start) if "prepared" in recipe["data"] else None
    corpus = build_data(recipe["data"], PARTS if prepared is None else PARTS[1:])
    if prepared is None:
        source, target = _tokenizers(recipe, corpus.train, run, start)
    else:
        source, target = prepared.source, prepared.target
    # From here on a run that goes on does what it did when it began, in the same order.
    keras.utils.set_random_seed(section.get("seed", 0))
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
    order = {"shuffle": True, "seed": section.get("seed", 0)}
    with heard() as of_train:
        if prepared is None:
            batches = corpus.train.batches(source, target, cache=True, **order, **sizes)
            report = describe_batches(batches)
        else:
            plan = prepared.ids.plan(**order, **sizes)
            batches, report = plan.batches(), plan.describe()
    sizes = {key: value for key, value in sizes.items() if key not in ("weights", "temperature")}
    with heard() as of_validation:
        validation = corpus.validation.batches(source, target, cache=True, **sizes)
    if start:
        model = start_model(recipe, start)
    else:
        model = build_model(
            recipe["model"] | {"dtype": section.get("precision", "float32")},
            source.vocabulary_size,
            target.vocabulary_size,
        )
    if section.get("rematerialize", False):
        if not isinstance(model, Transformer):
            raise ValueError(
                "Expected a Transformer with training.rematerialize, of whose blocks it keeps what "
                f"they return; received a {type(model).__name__}. Leave it out."
            )
        model.rematerialize = True
    covered = _load_vectors(recipe, model, source, target)
    if section.get("initialize_output_bias", False):
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
        build_optimizer(section, count_steps(section, report["batches"])),
        **translator.objective(section.get("label_smoothing", 0.0), parts > 1),
    )
    _decode_one_token(translator)
    if parts > 1:
        batches = accumulated_batches(counted_batches(batches), parts)

    # The recipe is right so far as can be known before training: the folder becomes its run.
    owner = lock(run)
    try:
        claim(run, recipe, translator, report, origin)
        log = RunLog(run, console)
        weights = ", ".join(f"{name} {sha[:12]}" for name, sha in origin.get("weights", {}).items())
        for line in [
            *([f"process {owner} was ended in this run"] if owner else []),
            *([f"starts from {origin['folder']}: {weights}"] if start else []),
            *covered,
            *(
                f"the {name} tokenizer samples, other cuts in each process: a run that goes on "
                "does not end on the bits of one in one go"
                for name, each in (("source", source), ("target", target))
                if each.samples
            ),
            *(f"training: {line}" for line in of_train),
            *(f"validation: {line}" for line in of_validation),
        ]:
            log(line)
        log(
            f"{model.count_params():,} weights; {report['pairs']:,} pairs in "
            f"{report['batches']:,} batches of {len(report['shapes'])} shapes, "
            f"{report['filled']:.1%} real tokens; {section['epochs']} epochs"
        )
        log.tell(
            translator.examine(corpus.train, corpus.validation)
            if prepared is None
            else prepared.findings
        )
        started = time.time()
        progress = Progress(log)
        with progress.bar:
            model.fit(
                batches,
                validation_data=validation,
                epochs=section["epochs"],
                callbacks=build_callbacks(
                    recipe,
                    run,
                    progress,
                    translator,
                    corpus.validation,
                    callbacks,
                    what_a_run_depends_on(corpus, source, target, prepared),
                ),
                shuffle=False,
                verbose=0,
            )
        write_file(run / "seconds.txt", f"{time.time() - started:.0f}\n")
        translator.save(run / "translator")
    finally:
        unlock(run)
    return translator


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
    folder = str(model_folder(recipe["start"]["folder"]))
    origin = {"folder": folder, "weights": hash_weights(folder)}
    check_origin(run, origin)
    return load_start(folder), origin


def _tokenizers(recipe, corpus, run, start):
    """The run's tokenizers: those it starts from, those it continues with, or new ones."""
    if start:
        return start.source, start.target
    if (run / "target" / "tokenizer.json").is_file():
        return load_tokenizer(run / "source"), load_tokenizer(run / "target")
    return build_tokenizers(recipe, corpus)
