"""A translator that goes on learning from its own training text, written again by translators.

python benchmarks/diversification.py MODEL[,MODEL] BACK[,BACK] SOURCE TARGET EPOCHS FOLDER

After Nguyen et al. 2020, "Data diversification", with models of both directions and without text
from elsewhere. Each MODEL, a folder, translates from SOURCE to TARGET, and each BACK from TARGET to
SOURCE; the first of each was trained by the recipe `multi30k`, and the next, of a second round, are
what went on from it. Of each training pair each BACK writes the target back, the eight best of a
beam, and MODEL translates the source; of several MODELs the three hypotheses count that are nearest
to the target (sentence BLEU; Kim and Rush 2016, section 3.3, took one). An epoch reads every
original pair, about one of those that BACK made for each target, and some half of a pair of those
that MODEL made for each source. The last MODEL goes on from its weights, with a rate of 1e-3 at
first and the mean of the last third of EPOCHS. What was killed goes on when it is called again:
what the models wrote stands in FOLDER, beside the recipe and its run.
"""

import itertools
import json
import pathlib
import random
import sys

from kerasseq import machine

machine.for_training()

import sacrebleu  # noqa: E402

from kerasseq import Translator  # noqa: E402
from kerasseq.cli.scores import scores_line  # noqa: E402
from kerasseq.decoding import Beam  # noqa: E402
from kerasseq.files import write_file  # noqa: E402
from kerasseq.metrics import repeats_itself  # noqa: E402
from kerasseq.recipes import load_recipe, train, write_toml  # noqa: E402
from kerasseq.recipes.evaluate_run import evaluate_run  # noqa: E402
from kerasseq.synthetic import read_given  # noqa: E402
from machine import processor  # noqa: E402

BEST, NEAREST, TOGETHER = 8, 3, 512


def keep(path, pairs):
    """Writes pairs as JSON Lines."""
    rows = ({"source": source, "target": target} for source, target in pairs)
    write_file(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def translated(folder, lines, kept):
    """The translations of each line, BEST of them, kept in a file: a list of lists of str."""
    if not kept.exists():
        translator, found = Translator.load(folder), []
        for start in range(0, len(lines), TOGETHER):
            part = lines[start : start + TOGETHER]
            found += translator(part, search=Beam(BEST), n_best=BEST)
            print(f"{folder}: {len(found):,} of {len(lines):,} lines", flush=True)
        write_file(kept, json.dumps(found, ensure_ascii=False))
    return json.loads(kept.read_text(encoding="utf-8"))


def by_all(folders, lines, folder, name):
    """What translators wrote of each line, best first, each text once: lists of str.

    Loops are left out: whoever reads them learns to write them.
    """
    every = [
        translated(each, lines, folder / f"{name}.{number}.json")
        for number, each in enumerate(folders)
    ]
    return [
        [
            text
            for text in dict.fromkeys(itertools.chain(*own))
            if text.strip() and not repeats_itself(text)
        ]
        for own in zip(*every, strict=True)
    ]


def nearest(texts, reference):
    """The NEAREST of texts that are no reference themselves, by sentence BLEU."""
    bleu = sacrebleu.BLEU(tokenize="none", effective_order=True)
    scores = {text: bleu.sentence_score(text, [reference.lower()]).score for text in texts}
    scores.pop(reference.lower(), None)
    return sorted(scores, key=scores.get)[-NEAREST:]


def write_data(models, backs, languages, folder):
    """Writes the pairs that are trained on, and those to measure with.

    Returns:
        dict from the names of files to the share of each that an epoch reads.
    """
    given = read_given(["multi30k"], overrides=languages)
    for name, part in given.parts.items():
        path = folder / f"{'original' if name == 'train' else name}.jsonl"
        keep(path, part)
    sources, targets = zip(*given.train, strict=True)
    backward = [
        (line, target)
        for own, source, target in zip(
            by_all(backs, targets, folder, "backward"), sources, targets, strict=True
        )
        for line in own
        if line != source.lower()
    ]
    forward = [
        (source, line)
        for own, source, target in zip(
            by_all(models, sources, folder, "forward"), sources, targets, strict=True
        )
        for line in (own[:1] if len(models) == 1 else nearest(own, target))
        if line != target.lower()
    ]
    for name, pairs in (("backward", backward), ("forward", forward)):
        random.Random(1234).shuffle(pairs)
        keep(folder / f"{name}.jsonl", pairs)
    return {
        "original.jsonl": 1.0,
        "backward.jsonl": 0.15 / len(backs),
        "forward.jsonl": 0.5 if len(models) == 1 else 0.25,
    }


def main(models, backs, source, target, epochs, folder):
    """Trains, and prints the scores."""
    folder, epochs = pathlib.Path(folder).absolute(), int(epochs)
    folder.mkdir(parents=True, exist_ok=True)
    languages = [f"data.source={source}", f"data.target={target}"]
    models, backs = models.split(","), backs.split(",")
    weights = write_data(models, backs, languages, folder)
    recipe = load_recipe("multi30k", languages)
    recipe["data"] = {
        "folder": str(folder),
        "train": [*weights],
        "validation": "validation.jsonl",
        "test": "test.jsonl",
        "source": "source",
        "target": "target",
    }
    recipe["batches"]["weights"] = [*weights.values()]
    recipe["model"] = {"dropout": recipe["model"]["dropout"]}
    recipe["training"] |= {
        "epochs": epochs,
        "learning_rate": 1e-3,
        "average_last": max(epochs // 3, 1),
        "precision": "float32",
    }
    recipe["start"] = {"folder": str(pathlib.Path(models[-1]).absolute())}
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
