"""Training by a recipe, into a run folder."""

from __future__ import annotations

import pathlib
import time
import typing
from collections.abc import Iterable

import keras

from kerasseq.compiled import deterministic
from kerasseq.files import write_file
from kerasseq.folder_lock import lock, unlock
from kerasseq.processes import ALONE, Process, compiling, leave, shared
from kerasseq.recipes.build import build_optimizer, count_steps
from kerasseq.recipes.callbacks import build_callbacks
from kerasseq.recipes.courses import course_of
from kerasseq.recipes.progress import Progress, stages
from kerasseq.recipes.recipe import refuse_another
from kerasseq.recipes.run_folder import claim, what_a_run_depends_on
from kerasseq.recipes.run_log import RunLog
from kerasseq.recipes.start import check_origin, hash_weights
from kerasseq.saved_models import model_folder
from kerasseq.text import load_tokenizer

if typing.TYPE_CHECKING:
    from rich.console import Console

    from kerasseq.files import AnyPath
    from kerasseq.recipes.sections import Recipe
    from kerasseq.tasks.task import AnyTask


def train(
    recipe: Recipe,
    run: AnyPath,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    *,
    console: Console | None = None,
    process: Process = ALONE,
) -> AnyTask:
    """Trains a task, new or from the model of `[start]`, or continues an interrupted run.

    The run folder gets `recipe.toml`, `environment.json`, `batches.json`, the tokenizers,
    `checkpoints` (see `kerasseq.training.ExactResume`), the weights of the best epoch or those to
    average, `history.csv`, `log.txt`, and in the end the trained task, in a folder of its name:
    `translator`, `classifier`, `tagger`, `span_finder`, `captioner` or `forecaster`. The best epoch
    of a task that writes has the least validation perplexity; of the others the best accuracy, F1
    or mean absolute error of their answers.

    Args:
        recipe: dict, from `load_recipe`.
        run: path of the run folder.
        callbacks: iterable of further Keras callbacks.
        console: rich.console.Console that shows the progress; None to show nothing.
        process: Process that `kerasseq.processes.join` gave, of several that train as one. All
            see the same run folder and `data.prepared`; the first writes, and only its task is
            the trained one.

    A run that was killed goes on where its last checkpoint is; with `training.deterministic` it
    ends as one that was not, bit for bit. A finished run is not trained again.

    Returns:
        the trained task, such as a Translator or a TextClassifier: the averaged weights if the
        recipe averages, the best epoch's otherwise.

    Raises:
        ValueError: for a folder with a run of another recipe, of other data or tokenizers, or with
            damaged checkpoints alone; for a recipe that cannot work, before anything is written.
        BlockingIOError: when another process trains in the folder.
        FloatingPointError: when the loss is no longer finite.
    """
    run = pathlib.Path(run)
    refuse_another(run, recipe)
    course, section = course_of(recipe), recipe["training"]
    course.process = process
    course.check()
    if section.get("deterministic", False):
        deterministic()
    origin = _origin(recipe, run)
    name = course.kind.name
    if (run / name / f"{name}.json").is_file():
        return course.kind.load(run / name)
    with stages(console) as say:
        say("reading the texts")
        corpus = course.data(course.parts)
        say("preparing tokenizers")
        start, tokenizers = None, {} if origin else _tokenizers(course, corpus.train, run)
        # From here on a run that goes on does what it did when it began, in the same order.
        keras.utils.set_random_seed(section.get("seed", 0))
        say("making batches and the model")
        if origin:
            start = course.load_start(origin["folder"], corpus)
            tokenizers = start.processor.tokenizers
        ready = course.get_ready(corpus, tokenizers, start)
        task, model, report = ready.task, ready.task.model, ready.report
        steps = count_steps(section, report["batches"])
        with compiling(process):
            model.compile(build_optimizer(section, steps, model), **course.objective(task))

    # The recipe is right so far as can be known before training: the folder becomes its run.
    owner = lock(run) if process.leads else None
    try:
        if process.leads:
            claim(run, recipe, task, report, origin)
        log = RunLog(run, console, process.index)
        weights = ", ".join(f"{name} {sha[:12]}" for name, sha in origin.get("weights", {}).items())
        for line in [
            *([f"process {owner} was ended in this run"] if owner else []),
            *([f"starts from {origin['folder']}: {weights}"] if start else []),
            *(
                f"the {side} tokenizer samples, other cuts in each process: a run that goes on "
                "does not end on the bits of one in one go"
                for side, each in tokenizers.items()
                if each.samples
            ),
            *ready.lines,
        ]:
            log(line)
        filled = f", {report['filled']:.1%} real tokens" if "filled" in report else ""
        log(
            f"{model.count_params():,} weights; {report['rows']:,} {course.unit} in "
            f"{report['batches']:,} batches of {len(report['shapes'])} shapes{filled}; "
            f"{section['epochs']} epochs"
        )
        if process.leads:
            with stages(console) as say:
                say("looking at the texts")
                log.tell(
                    ready.prepared.findings
                    if ready.prepared
                    else task.examine(corpus.train, corpus.validation)
                )
        started = time.time()
        progress = Progress(log, report, rate=process.count == 1)
        depends_on = what_a_run_depends_on(corpus, tokenizers, ready.prepared)
        if process.count > 1:
            depends_on |= {"the number of processes": str(process.count)}
        with progress.bar, shared(model, process):
            model.fit(
                ready.batches,
                validation_data=ready.validation,
                epochs=section["epochs"],
                callbacks=build_callbacks(
                    course,
                    run,
                    progress,
                    task,
                    corpus.validation,
                    callbacks,
                    depends_on,
                    process,
                ),
                shuffle=False,
                verbose=0,
            )
        if process.leads:
            write_file(run / "seconds.txt", f"{time.time() - started:.0f}\n")
            task.save(run / name)
    finally:
        if process.leads:
            unlock(run)
    leave(process)
    return task


def _origin(recipe, run):
    """Where the run starts from, and the hashes of its weights; empty for a new model."""
    if "start" not in recipe:
        return {}
    folder = str(model_folder(recipe["start"]["folder"]))
    origin = {"folder": folder, "weights": hash_weights(folder)}
    check_origin(run, origin)
    return origin


def _tokenizers(course, corpus, run):
    """The tokenizers of a new model: those that the run continues with, or new ones."""
    sides = course.kind.processing.sides
    if all((run / side / "tokenizer.json").is_file() for side in sides):
        return {side: load_tokenizer(run / side) for side in sides}
    return course.train_tokenizers(corpus)
