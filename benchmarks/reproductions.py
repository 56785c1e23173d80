"""Every recurrent system over several seeds: a table of BLEU.

python benchmarks/reproductions.py train runs/reproductions   # call again to go on
python benchmarks/reproductions.py table runs/reproductions

Several processes may train into one folder side by side: each takes a run that none has.
"""

import json
import pathlib
import shutil
import statistics
import sys

from kerasseq import Translator
from kerasseq.decoding import Beam
from kerasseq.metrics import corpus_scores
from kerasseq.recipes import load_recipe, train
from kerasseq.recipes.corpora import build_data
from kerasseq.tasks import ensemble, rescore
from runs import claimed, measure

SEEDS = (1, 2, 3)
# Every system is as wide and trains as long as the others; of Sutskever's four layers there are
# two, for time.
SCALE = [
    "model.hidden_dim=128",
    "model.dropout=0.1",
    "training.learning_rate=3e-3",
    "training.epochs=5",
]
TWO_LAYERS = ["model.num_layers=2"]
# Lines of one pair, and of two and of three pairs in a row: 50 words and more, each pair three
# times; so a word of two pairs, which the vocabularies know, stands in six lines.
LONG = ["data.joined=3", "source_tokenizer.min_frequency=6", "target_tokenizer.min_frequency=6"]
LONG += ["batches.tokens_per_batch=2048", "training.epochs=3"]
# Sutskever's network, not reversed, and attention: nothing else differs.
DEEP = [*TWO_LAYERS, "model.cell=lstm", "model.bidirectional=false"]
DEEP += ["model.attention=luong_general", "model.input_feeding=false"]
SYSTEMS = {
    "sutskever_forward": ("multi30k_sutskever", [*TWO_LAYERS, "model.reverse_source=false"], SEEDS),
    "sutskever": ("multi30k_sutskever", TWO_LAYERS, (*SEEDS, 4, 5)),
    "bahdanau": ("multi30k_bahdanau", [], SEEDS[:1]),
    "luong_deep": ("multi30k_bahdanau", DEEP, SEEDS),
    "cho": ("multi30k_cho", [], SEEDS[:1]),
    "sutskever_long": ("multi30k_sutskever", [*TWO_LAYERS, *LONG], SEEDS[:1]),
    "bahdanau_long": ("multi30k_bahdanau", LONG, SEEDS[:1]),
}
# The beam's files bear the part's name, which `kerasseq compare` reads.
FILES = {"greedy": "test.greedy", "beam": "test"}
RESCORED, COPIED = "sutskever_forward.1/test.rescored.json", "test.copied"


def recipe_of(system, seed):
    """The recipe of one run."""
    name, overrides, _ = SYSTEMS[system]
    return load_recipe(name, [*SCALE, *overrides, f"training.seed={seed}"])


def measure_both(translator, folder, recipe):
    """BLEU on the test part by both searches."""
    test = build_data(recipe["data"]).test
    for search, name in FILES.items():
        measure(translator, test, folder, name, "greedy" if search == "greedy" else None)


def run_all(root):
    """Trains and measures what is missing, one run at a time."""
    for seed in sorted({seed for _, _, seeds in SYSTEMS.values() for seed in seeds}):
        for system, (_, _, seeds) in SYSTEMS.items():
            folder = root / f"{system}.{seed}"
            if seed not in seeds or is_measured(folder):
                continue
            with claimed(folder) as free:
                if free:
                    print(folder, flush=True)
                    recipe = recipe_of(system, seed)
                    measure_both(train(recipe, folder), folder, recipe)
    for system, (_, _, seeds) in SYSTEMS.items():
        members = [root / f"{system}.{seed}" for seed in seeds]
        if len(members) < 5 or not all((m / "translator").is_dir() for m in members):
            continue
        measure_ensemble(members, root / f"{system}.ensemble", recipe_of(system, seeds[0]))
    measure_rescored(root)
    measure_copied(root)


def measure_ensemble(members, folder, recipe):
    """BLEU of several runs as one, in a folder that `kerasseq compare` reads."""
    together = ensemble([Translator.load(member / "translator") for member in members])
    measure_both(together, folder, recipe)
    shutil.copy(members[0] / "recipe.toml", folder)


def measure_rescored(root):
    """BLEU of one forward model's ten best, chosen again with each of the reversed models.

    Sutskever et al. 2014 (section 3.2) choose again so among a phrase-based system's thousand.
    """
    folders = [root / "sutskever_forward.1", *(root / f"sutskever.{n}" for n in range(1, 6))]
    path = root / RESCORED
    if path.is_file() or not all((folder / "translator").is_dir() for folder in folders):
        return
    first, *others = (Translator.load(folder / "translator") for folder in folders)
    recipe = recipe_of("sutskever_forward", 1)
    lines, references = map(list, zip(*build_data(recipe["data"]).test, strict=True))
    lists = [[each.text for each in found] for found in first.translate(lines, Beam(10, n_best=10))]
    pairs = [(line, text) for line, texts in zip(lines, lists, strict=True) for text in texts]
    own = iter(first.score(pairs))
    given = [[(text, next(own)) for text in texts] for texts in lists]
    chosen = [best[0][0] for best in rescore(lines, given, others)]
    path.write_text(json.dumps(corpus_scores(chosen, references, "none"), indent=1) + "\n")


def measure_copied(root):
    """BLEU of one model with attention that copies a source word for each unknown one.

    Luong et al. 2015 (section 4.2).
    """
    folder = root / "bahdanau.1"
    if (folder / "translator").is_dir():
        translator = Translator.load(folder / "translator")
        translator.replace_unknown = True
        test = build_data(recipe_of("bahdanau", 1)["data"]).test
        measure(translator, test, folder, COPIED)


def scores(folder, search):
    """BLEU of one measured run."""
    return json.loads((folder / f"{FILES[search]}.scores.json").read_text())["bleu"]


def table(root):
    """Prints the table: mean and spread over the seeds."""
    print("| system | seeds | greedy | beam of 5 |\n|---|---|---|---|")
    for system in SYSTEMS:
        runs = [run for run in sorted(root.glob(f"{system}.[0-9]*")) if is_measured(run)]
        if not runs:
            continue
        columns = [[scores(run, search) for run in runs] for search in FILES]
        shown = [
            f"{statistics.mean(column):.2f} ({min(column):.2f} to {max(column):.2f})"
            if len(runs) > 1
            else f"{column[0]:.2f}"
            for column in columns
        ]
        print(f"| {system} | {len(runs)} | {shown[0]} | {shown[1]} |")
        if is_measured(root / f"{system}.ensemble"):
            both = [f"{scores(root / f'{system}.ensemble', search):.2f}" for search in FILES]
            print(f"| {system}, ensemble of {len(runs)} | | {both[0]} | {both[1]} |")
    for name, file in (
        ("sutskever_forward.1, its ten best rescored by five", RESCORED),
        ("bahdanau.1, unknown words copied", f"bahdanau.1/{COPIED}.scores.json"),
    ):
        if (root / file).is_file():
            print(f"| {name} | | | {json.loads((root / file).read_text())['bleu']:.2f} |")


def is_measured(folder):
    """Whether both searches were measured."""
    return all((folder / f"{name}.scores.json").is_file() for name in FILES.values())


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("train", "table"):
        sys.exit(__doc__)
    {"train": run_all, "table": table}[sys.argv[1]](pathlib.Path(sys.argv[2]))
