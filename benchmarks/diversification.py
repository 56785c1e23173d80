"""A translator that goes on learning from its own training text, written again by translators.

python benchmarks/diversification.py MODEL BACK SOURCE TARGET EPOCHS FOLDER

After Nguyen et al. 2020, "Data diversification", with one model of each direction and without text
from elsewhere. MODEL, a folder, was trained by the recipe `multi30k` from SOURCE to TARGET, and
BACK from TARGET to SOURCE. Of each training pair BACK writes the target back, the eight best of a
beam, and MODEL translates the source. An epoch reads every original pair, 0.15 of the pairs that
BACK made (about one for each target), and half of those that MODEL made. MODEL goes on from its
weights, with a rate of 1e-3 at first and the mean of the last third of EPOCHS. What was killed goes
on when it is called again: what both wrote stands in FOLDER, beside the recipe and its run.
"""

import json
import pathlib
import random
import sys

from kerasseq import machine

machine.for_training()

from kerasseq import Translator  # noqa: E402
from kerasseq.cli.scores import scores_line  # noqa: E402
from kerasseq.decoding import Beam  # noqa: E402
from kerasseq.files import write_file  # noqa: E402
from kerasseq.recipes import load_recipe, train, write_toml  # noqa: E402
from kerasseq.recipes.evaluate_run import evaluate_run  # noqa: E402
from kerasseq.synthetic import read_given  # noqa: E402
from machine import processor  # noqa: E402

WEIGHTS = {"original.jsonl": 1.0, "backward.jsonl": 0.15, "forward.jsonl": 0.5}
TOGETHER = 512


def keep(path, pairs):
    """Writes pairs as JSON Lines."""
    rows = ({"source": source, "target": target} for source, target in pairs)
    write_file(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def translated(folder, lines, best):
    """The `best` translations of each line, a list of lists of str."""
    translator, found = Translator.load(folder), []
    for start in range(0, len(lines), TOGETHER):
        part = lines[start : start + TOGETHER]
        found += translator(part, search=Beam(8), n_best=best)
        print(f"{folder}: {len(found):,} of {len(lines):,} lines", flush=True)
    return found


def write_data(model, back, languages, folder):
    """The pairs that are trained on, and those to measure with."""
    given = read_given(["multi30k"], overrides=languages)
    for name, part in given.parts.items():
        path = folder / f"{'original' if name == 'train' else name}.jsonl"
        keep(path, part)
    sources, targets = zip(*given.train, strict=True)
    if not (folder / "backward.jsonl").exists():
        again = translated(back, targets, 8)
        made = [
            (line, target)
            for lines, source, target in zip(again, sources, targets, strict=True)
            for line in dict.fromkeys(lines)
            if line.strip() and line != source.lower()
        ]
        random.Random(1234).shuffle(made)
        keep(folder / "backward.jsonl", made)
    if not (folder / "forward.jsonl").exists():
        made = [
            (source, line)
            for (line,), source, target in zip(
                translated(model, sources, 1), sources, targets, strict=True
            )
            if line.strip() and line != target.lower()
        ]
        keep(folder / "forward.jsonl", made)


def main(model, back, source, target, epochs, folder):
    """Trains, and prints the scores."""
    folder, epochs = pathlib.Path(folder).absolute(), int(epochs)
    folder.mkdir(parents=True, exist_ok=True)
    languages = [f"data.source={source}", f"data.target={target}"]
    write_data(model, back, languages, folder)
    recipe = load_recipe("multi30k", languages)
    recipe["data"] = {
        "folder": str(folder),
        "train": [*WEIGHTS],
        "validation": "validation.jsonl",
        "test": "test.jsonl",
        "source": "source",
        "target": "target",
    }
    recipe["batches"]["weights"] = [*WEIGHTS.values()]
    recipe["model"] = {"dropout": recipe["model"]["dropout"]}
    recipe["training"] |= {
        "epochs": epochs,
        "learning_rate": 1e-3,
        "average_last": max(epochs // 3, 1),
        "precision": "float32",
    }
    recipe["start"] = {"folder": str(pathlib.Path(model).absolute())}
    del recipe["joint_tokenizer"]
    write_file(folder / "diversified.toml", write_toml(recipe))
    print(processor(), flush=True)
    task = train(recipe, folder / "run")
    for part, scores in evaluate_run(task, recipe, folder / "run"):
        print(scores_line(part, scores), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 7:
        sys.exit(__doc__)
    main(*sys.argv[1:])
