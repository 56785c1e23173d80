"""The first command to run: trains a number translator and exports it."""

from __future__ import annotations

import pathlib
import shutil
import time
import typing

from kerasseq.data import load
from kerasseq.export.export import check_backend
from kerasseq.recipes.evaluate import evaluate
from kerasseq.recipes.recipe import load_recipe, write_toml
from kerasseq.recipes.train import train

if typing.TYPE_CHECKING:
    from rich.console import Console

    from kerasseq.files import AnyPath

SENTENCE = "fifty one"
LINES = 500


def quickstart(run: AnyPath, console: Console | None) -> dict[str, float]:
    """Trains `numbers` afresh, measures it, draws an attention map, and exports three ways.

    Args:
        run: path of the run folder; an earlier run of `numbers` there is replaced.
        console: rich.console.Console, for progress and results.

    Returns:
        dict of `seconds` of training, `exact_match`, and one report an export.

    Raises:
        ValueError: for a folder with anything else in it, or under another backend than TensorFlow,
            which its exports need.
        RuntimeError: when an export differs from Python.
    """
    check_backend()
    run = pathlib.Path(run)
    recipe = load_recipe("numbers")
    _clear(run, recipe)
    console.print("[bold]training[/] English number words → German")
    started = time.time()
    translator = train(recipe, run, console=console)
    results = {"seconds": time.time() - started}
    test = load(**recipe["data"]).test
    tokenize = recipe["translation"]["bleu_tokenize"]
    scores = evaluate(translator, test, tokenize=tokenize, run=run, name="test")
    results["exact_match"] = scores["exact_match"]
    console.print(
        f"trained in {results['seconds']:.0f} s; {scores['exact_match']:.1%} of "
        f"{scores['lines']} unseen numbers exactly right"
    )
    for line in list(test.sources())[:3]:
        console.print(f"  {line}  →  {translator(line)}")
    image = run / "attention.png"
    translator.plot_attention(SENTENCE, image)
    console.print(f"attention map: {image}")
    console.print("[bold]exporting[/] a SavedModel, and .tflite in float32 and int8")
    lines = list(test.sources())[:LINES]
    for name, quantize in (("serving/1", None), ("float32.tflite", None), ("int8.tflite", "int8")):
        report = translator.export(run / name, lines, quantize=quantize)
        results[name] = report["identical"]
    return results


def _clear(run, recipe):
    """Removes an earlier run of `recipe`, and nothing else."""
    path = run / "recipe.toml"
    if path.is_file() and path.read_bytes() == write_toml(recipe).encode("utf-8"):
        shutil.rmtree(run)
    elif run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise ValueError(
            f"Expected a new folder, or a run of the recipe numbers; received {run}, which holds "
            "something else. Name another folder."
        )
